"""A dry run says how much an evaluation is, and runs nothing."""

import httpx
import pytest

from tests.service.submissions import quick

EVALUATION = "/api/evaluation"


def counted(previews: httpx.Client, **parts: object) -> httpx.Response:
    """The answer to a dry run."""
    body = quick("count", **parts)
    del body["experiment_name"]
    return previews.post(f"{EVALUATION}/count", json=body)


def test_a_search_is_counted_without_being_run(previews: httpx.Client) -> None:
    one = counted(previews, search_constraints={"batch_sizes": [8]}).raise_for_status().json()
    three = counted(previews, search_constraints={"batch_sizes": [1, 8, 64]}).json()
    assert three["plans"] == one["plans"] > 0
    assert three["evaluations"] == 3 * one["evaluations"] == 3 * one["plans"]
    assert three["seconds"] >= one["seconds"] > 0
    preview = {**quick("count"), "search_constraints": {"batch_sizes": [1, 8, 64]}}
    del preview["experiment_name"]
    found = previews.post(f"{EVALUATION}/preview", json=preview).json()
    assert found["search_stats"]["evaluations"] == three["evaluations"]


def test_a_sweep_is_counted_over_its_points(previews: httpx.Client) -> None:
    one = counted(previews).json()
    swept = counted(previews, sweep=["inference.input_seq_length=[1k, 2k]"]).json()
    assert swept["evaluations"] == pytest.approx(2 * one["evaluations"])


def test_what_can_not_be_is_refused(previews: httpx.Client) -> None:
    assert counted(previews, model="nobody").status_code == 422
