"""Corrections: full where something was measured, gone far from it, the same in every table."""

import numpy as np
import pytest

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.correction import BLOCK, Bumps, bumps_at
from llm_simulator.planner.specs.measured_points import AXES, POINTS
from tests.deployments import UNCALIBRATED, plan

OFFSET = (0.5, *[0.0] * len(POINTS))


def _bumps(plans: PlanTable, requests: float = 64, tokens: int = 1024) -> Bumps:
    return bumps_at(plans, requests=requests, input_tokens=tokens, output_tokens=tokens)


def test_an_offset_holds_all_over_what_was_measured():
    for degrees in ({"tp": 8}, {"tp": 1}, {"dp": 8, "ep": 8}):
        bumps = _bumps(plan(**degrees))
        assert bumps.nearness == pytest.approx(1.0)
        assert bumps.corrections(OFFSET)[0] == pytest.approx(np.exp(0.5))


@pytest.mark.parametrize("far", [{"pp": 8}, {"tp": 1024}])
def test_a_correction_fades_where_no_degree_was_measured(far):
    coefficients = (0.5, *[0.1] * len(POINTS))
    assert _bumps(plan(**far)).corrections(coefficients)[0] == pytest.approx(1.0, abs=0.03)


def test_a_correction_fades_with_the_load():
    few, many, most = (
        float(_bumps(plan(tp=8), requests).nearness[0]) for requests in (2048, 20_000, 200_000)
    )
    assert few == 1.0
    assert few > many > most
    assert most < 0.05


def test_the_bump_of_a_point_is_highest_at_its_point():
    requests, prompt, output, tp, _, ep = point = (64, 7400, 920, 8, 1, 8)
    bumps = bumps_at(
        plan(tp=tp, ep=ep), requests=requests, input_tokens=prompt, output_tokens=output
    )
    [row] = bumps.rows(slice(None))
    assert len(row) == 1 + len(POINTS)
    assert row[1 + POINTS.index(point)] == 1.0 == row[1:].max()
    assert len(point) == len(AXES) - 1


def test_a_plan_is_corrected_alike_in_tables_of_any_length():
    one = plan(tp=4, pp=2)
    coefficients = tuple(np.random.default_rng(1).normal(0, 0.1, 1 + len(POINTS)))
    loads = np.arange(1.0, BLOCK + 4)

    def corrected(requests):
        table = one[np.zeros(len(requests), dtype=int)]
        bumps = bumps_at(table, requests=requests, input_tokens=1000, output_tokens=500)
        [found] = bumps.corrections(coefficients)
        return found

    assert corrected(loads)[-1:] == corrected(loads[-1:])


def test_intervals_go_over_into_those_of_first_principles():
    ends = {"tpot_interval": (0.9, 1.1), "tpot_interval_far": (0.5, 2.0)}
    calibration = UNCALIBRATED.model_copy(update=ends)
    _, near = calibration.intervals(1.0)
    _, far = calibration.intervals(0.0)
    _, between = calibration.intervals(np.array([0.5]))
    assert (near, far) == ((0.9, 1.1), (0.5, 2.0))
    assert between[1][0] == pytest.approx(np.sqrt(1.1 * 2.0))
