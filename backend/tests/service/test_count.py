"""A dry run says how much an evaluation is, and runs nothing."""

from collections.abc import Iterator

import httpx
import pytest

from tests.service.running_server import RunningServer, client_of
from tests.service.submissions import quick

EVALUATION = "/api/evaluation"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """An HTTP client of a server with one preview worker."""
    running = RunningServer(
        tmp_path_factory.mktemp("count"),
        TIER6_WORKERS="1",
        TIER6_PREVIEW_WORKERS="1",
        TIER6_PREVIEW_SECONDS="60",
    )
    with client_of(running) as http:
        yield http
    assert running.stop() == 0


def counted(client: httpx.Client, **parts: object) -> httpx.Response:
    """The answer to a dry run."""
    body = quick("count", **parts)
    del body["experiment_name"]
    return client.post(f"{EVALUATION}/count", json=body)


def test_a_search_is_counted_without_being_run(client: httpx.Client) -> None:
    one = counted(client, search_constraints={"batch_sizes": [8]}).raise_for_status().json()
    three = counted(client, search_constraints={"batch_sizes": [1, 8, 64]}).json()
    assert three["plans"] == one["plans"] > 0
    assert three["evaluations"] == 3 * one["evaluations"] == 3 * one["plans"]
    assert three["seconds"] >= one["seconds"] > 0
    preview = {**quick("count"), "search_constraints": {"batch_sizes": [1, 8, 64]}}
    del preview["experiment_name"]
    found = client.post(f"{EVALUATION}/preview", json=preview).json()
    assert found["search_stats"]["evaluations"] == three["evaluations"]


def test_a_sweep_is_counted_over_its_points(client: httpx.Client) -> None:
    one = counted(client).json()
    swept = counted(client, sweep=["inference.input_seq_length=[1k, 2k]"]).json()
    assert swept["evaluations"] == pytest.approx(2 * one["evaluations"])


def test_what_can_not_be_is_refused(client: httpx.Client) -> None:
    assert counted(client, model="nobody").status_code == 422
