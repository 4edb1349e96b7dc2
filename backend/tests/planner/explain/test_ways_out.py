"""A search without a feasible plan says what would fit."""

import pytest

from llm_simulator import explain
from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.evaluate import parse_request
from tests.service.submissions import quick

ASKED = {name: value for name, value in quick().items() if name != "experiment_name"}
TIGHT = {"max_tpot_ms": 0.5}


@pytest.mark.parametrize("serving", ["aggregated", "disaggregated"])
def test_they_are_the_working_changes_of_the_nearest_plan(serving: str) -> None:
    request = ASKED | {"search_constraints": TIGHT | {"serving": serving}}
    result = evaluate_request(request)
    assert result.ways_out
    snapshot = parse_request(request, builtin_catalogue()).snapshot()
    changes = explain(snapshot, result.infeasible_plans[0]).changes
    assert result.ways_out == [change for change in changes if change.works]


def test_a_limit_that_would_be_kept_is_kept() -> None:
    [limit] = [
        change
        for change in evaluate_request(ASKED | {"search_constraints": TIGHT}).ways_out
        if change.kind == "limit"
    ]
    looser = {"max_tpot_ms": float(limit.after or 0) * (1 + 1e-12)}
    assert evaluate_request(ASKED | {"search_constraints": looser}).top_k_plans


@pytest.mark.parametrize(
    "changes", [{}, {"search_constraints": TIGHT, "sweep": ["inference.batch_size=32, 64"]}]
)
def test_there_are_none_of_what_fits_and_of_a_sweep(changes: dict[str, object]) -> None:
    assert evaluate_request(ASKED | changes).ways_out == []
