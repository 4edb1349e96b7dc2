"""Every feasible point is there, its figures are those of the plan; thinning loses no best one."""

import numpy as np
import pytest

from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.results.points import DIGITS, PROBABILITIES, WATTS_DIGITS
from llm_simulator.planner.search.pareto import front
from llm_simulator.planner.search.points import POINT, Points, merged_points, thinned

BODY = {
    "model": "deepseek-v3",
    "topology": "server-8",
    "hardware": "h200-sxm",
    "inference": {"input_seq_length": 1024, "output_seq_length": 256},
    "search_constraints": {
        "max_ttft_ms": 3000.0,
        "max_tpot_ms": 60.0,
        "min_request_rate": 1.0,
        "batch_sizes": [1, 16, 64, 256],
        "top_k": 100,
    },
}
HALF = 2.0 ** -(DIGITS + 1)
"""What rounding once moves a figure by at most."""
FIGURES = {"ttft": HALF, "tpot": HALF, "tps_per_chip": 2 * HALF, "throughput": 3 * HALF}
COSTS = {
    "usd_per_million_output_tokens": 3 * HALF,
    "joules_per_token": 3 * HALF + 2.0 ** -(WATTS_DIGITS + 1),
}
"""Each as often as it and what it follows from are rounded."""
SINGLE = 1e-6
"""What single precision and the product of two roundings add."""


def _made_up(points: int) -> np.ndarray:
    """Points of positive figures all over some decades."""
    random = np.random.default_rng(points)
    table = np.zeros(points, POINT)
    table["chips"] = random.integers(1, 65, points)
    for name in ("ttft", "tpot", "request_rate"):
        table[name] = 10 ** random.uniform(-3, 2, points)
    return table


def test_a_point_has_the_figures_of_its_plan():
    result = evaluate_request(BODY)
    assert result.points is not None
    columns = result.points.columns()
    names = ("dp", "tp", "pp", "ep", "sp", "moe_tp", "dcp", "batch_size")
    degrees = zip(*(columns[name].tolist() for name in names), strict=True)
    rows = {each: row for row, each in enumerate(degrees)}
    assert len(rows) == result.points.layout.points == result.points.layout.feasible
    for plan in result.top_k_plans:
        row = rows[*plan.parallelism.model_dump().values(), plan.batch_size]
        assert columns["chips"][row] == plan.chips
        assert plan.economics is not None
        figures = {name: getattr(plan, name) for name in FIGURES}
        figures |= {name: getattr(plan.economics, name) for name in COSTS}
        for name, precision in (FIGURES | COSTS).items():
            expected = pytest.approx(figures[name], rel=precision + SINGLE)
            assert columns[name][row] == expected, name
        every = np.prod([limit.probability for limit in plan.limits])
        assert columns["probability"][row] == pytest.approx(every, abs=1 / PROBABILITIES)


def test_points_are_the_feasible_evaluations_whatever_their_plan_ranks():
    result = evaluate_request(BODY)
    assert result.points is not None
    columns = result.points.columns()
    for name, limit in (("ttft", 3000.0), ("tpot", 60.0)):
        assert columns[name].max() <= limit * (1 + HALF)
    assert result.points.layout.points > result.search_stats.feasible_plans
    assert "points" not in result.as_json()


def test_without_limits_every_limit_is_kept_for_certain():
    body = {**BODY, "search_constraints": {"batch_sizes": [8]}}
    result = evaluate_request(body)
    assert result.points is not None
    assert set(result.points.columns()["probability"].tolist()) == {1.0}


def test_no_feasible_plan_is_no_point():
    body = {**BODY, "search_constraints": {"max_tpot_ms": 0.001}}
    assert evaluate_request(body).points is None


@pytest.mark.parametrize("most", [50, 1_000, 9_000])
def test_thinning_keeps_order_and_what_nothing_beats(most):
    table = _made_up(10_000)
    kept = thinned(table, most)
    assert most / 10 < len(kept) <= most
    places = {row.tobytes(): place for place, row in enumerate(table)}
    order = [places[row.tobytes()] for row in kept]
    assert order == sorted(order)
    per_chip = table["request_rate"] / table["chips"]
    for name in ("ttft", "tpot"):
        best = front(np.stack((table[name], -per_chip), axis=-1))
        assert set(best.tolist()) <= set(order)


def test_what_is_few_is_not_thinned():
    table = _made_up(100)
    assert np.array_equal(thinned(table, 100), table)
    parts = [Points(table[a : a + 25].tobytes(), 25) for a in range(0, 100, 25)]
    assert merged_points(parts) == Points(table.tobytes(), 100)


def test_thinning_part_by_part_keeps_the_best():
    table, most = _made_up(20_000), 2_000
    parts = [thinned(table[a : a + 5_000], most) for a in range(0, 20_000, 5_000)]
    kept = thinned(np.concatenate(parts), most)
    assert len(kept) <= most
    whole = table["request_rate"] / table["chips"]
    best = table[front(np.stack((table["tpot"], -whole), axis=-1))]
    assert {row.tobytes() for row in best} <= {row.tobytes() for row in kept}
