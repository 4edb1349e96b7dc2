"""Factors come back from runs that were made with them."""

import numpy as np
import pytest

from llm_simulator.planner.calibration.factors import assumed_logs, fit_factors
from llm_simulator.planner.calibration.measurement import measurement_of
from llm_simulator.planner.calibration.prediction import prediction
from llm_simulator.planner.calibration.runs import runs_of
from llm_simulator.planner.calibration.uncorrected import uncorrected_latency
from llm_simulator.planner.specs.calibration import LOOP_FACTORS
from tests.deployments import CATALOGUE
from tests.planner.calibration.measured import measurements_of, rows, runs_with

BASE = assumed_logs(dict(CATALOGUE.calibrations.assumed))
SLOW_SGLANG = {"sglang": {"gemm_memory": -0.2, "request_overhead": 1.0, "first_token_overhead": 1}}


def test_columns_say_what_the_model_says_run_by_run():
    """The fit's columns and the prediction of single runs are the same formulas."""
    catalogue = CATALOGUE
    measurements = [measurement_of(row) for row in rows()[::5]]
    runs = runs_of(measurements, catalogue)
    calibrations = [catalogue.calibrations.calibration(subject) for subject in runs.subjects]
    logs = np.log([[getattr(c.factors, name) for name in LOOP_FACTORS] for c in calibrations])
    ttft, tpot = uncorrected_latency(runs, logs)
    for row, (measured, calibration) in enumerate(zip(measurements, calibrations, strict=True)):
        single = prediction(measured, catalogue)
        features = runs.features[:, row]
        by_ttft = np.exp(np.asarray(calibration.ttft_correction) @ features)
        by_tpot = np.exp(np.asarray(calibration.tpot_correction) @ features)
        assert single.ttft_ms == pytest.approx(1e3 * ttft[row] * by_ttft, rel=1e-6)
        assert single.tpot_ms == pytest.approx(1e3 * tpot[row] * by_tpot, rel=1e-6)


def test_a_slower_engine_is_told_from_a_faster_one():
    runs = runs_with(SLOW_SGLANG)
    fit = fit_factors(runs, BASE, np.arange(len(runs)))
    ttft, tpot = uncorrected_latency(runs, fit.logs)
    for found, made in ((tpot, runs.tpot), (ttft, runs.ttft)):
        assert np.abs(found / made - 1).max() < 0.10
        assert np.median(np.abs(found / made - 1)) < 0.02
    sglang = np.array([subject.engine == "sglang" for subject in runs.subjects])
    overhead = fit.logs[:, LOOP_FACTORS.index("request_overhead")]
    assert overhead[sglang].mean() > overhead[~sglang].mean() + 0.3


def test_runs_as_assumed_move_nothing():
    runs = runs_with()
    fit = fit_factors(runs, BASE, np.arange(len(runs)))
    assert np.abs(fit.logs - BASE).max() < 1e-3


def test_a_few_impure_runs_do_not_move_the_rest():
    runs = runs_with()
    runs.tpot[:3] *= 5
    fit = fit_factors(runs, BASE, np.arange(len(runs)))
    _, tpot = uncorrected_latency(runs, fit.logs)
    assert np.median(np.abs(tpot[3:] / runs.tpot[3:] - 1)) < 0.02


def test_latencies_survive_the_way_through_a_file():
    runs = runs_with(SLOW_SGLANG)
    again = runs_of(measurements_of(runs), CATALOGUE)
    assert again.ttft == pytest.approx(runs.ttft, rel=1e-5)
    assert again.subjects == runs.subjects
