"""Corrections: what is left is learnt per subject, held back where there is little."""

import numpy as np
import pytest

from llm_simulator.planner.calibration.corrections import fit_corrections
from llm_simulator.planner.calibration.intervals import (
    HeldOut,
    covered,
    interval,
    intervals_without_own_part,
    residuals,
)
from llm_simulator.planner.requests.calibrations import Subject
from llm_simulator.planner.specs.calibration import FEATURE_COUNT
from llm_simulator.planner.specs.measured_points import POINTS
from tests.planner.calibration.measured import runs_with

RUNS = runs_with()
EVERY = np.arange(len(RUNS))


def test_a_correction_has_one_coefficient_per_feature():
    assert 1 + len(POINTS) == FEATURE_COUNT == len(RUNS.features)


def _corrected(left, chosen=EVERY):
    fit = fit_corrections(RUNS.subjects, RUNS.features, left, chosen, noise=0.04)
    return fit.log_correction(RUNS.features)


def test_an_offset_of_one_model_is_found_and_the_other_left_alone():
    large = np.array([subject.model == "llama-3.1-70b" for subject in RUNS.subjects])
    found = _corrected(0.3 * large)
    assert found[large] == pytest.approx(0.3, abs=0.03)
    assert found[~large] == pytest.approx(0.0, abs=0.03)


def test_a_shape_over_concurrency_is_found_on_runs_not_shown():
    shape = 0.1 * RUNS.features[1]
    found = _corrected(shape, EVERY[::2])
    # Drawn towards zero, so a little is left: most at the ends of the shape.
    unseen = slice(1, None, 2)
    assert np.corrcoef(found[unseen], shape[unseen])[0, 1] > 0.9
    assert np.median(np.abs(found - shape)[unseen]) < 0.04


def test_one_wild_run_is_not_followed():
    left = np.zeros(len(RUNS))
    left[7] = 2.0
    found = np.delete(_corrected(left), 7)
    assert np.abs(found).max() < 0.1


def test_nothing_is_known_of_a_subject_without_runs():
    chosen = np.array([i for i, s in enumerate(RUNS.subjects) if s.engine == "vllm"])
    unseen = np.setdiff1d(EVERY, chosen)
    versions = [s.model_copy(update={"version": s.engine}) for s in RUNS.subjects]
    fit = fit_corrections(versions, RUNS.features, np.full(len(RUNS), 0.5), chosen, noise=0.04)
    assert np.abs(fit.log_correction(RUNS.features)[unseen]).max() < 0.1


def _noise(size, spread=0.1):
    subjects = tuple(
        Subject(engine=f"engine-{i % 2}", chip="chip", model=f"model-{i % 4}") for i in range(size)
    )
    random = np.random.default_rng(1)
    return HeldOut(subjects, random.normal(0, spread, size), random.normal(0, 3 * spread, size))


def test_an_interval_holds_eighty_percent_of_the_runs_it_was_made_of():
    held_out = _noise(4000)
    everything = np.ones(4000, dtype=bool)
    low, high = interval(held_out.tpot, everything, everything)
    inside = (np.exp(held_out.tpot) >= low) & (np.exp(held_out.tpot) <= high)
    assert inside.mean() == pytest.approx(0.8, abs=0.01)


def test_intervals_hold_their_share_of_runs_they_were_not_made_of():
    held_out = _noise(1000)
    ladder = ((), ("engine",), ("engine", "chip", "model"))
    intervals = intervals_without_own_part(held_out, ladder, np.arange(1000) % 5)
    shares = covered(held_out, intervals)
    assert shares == pytest.approx({"tpot": 0.8, "ttft": 0.8}, abs=0.03)


def test_a_noisier_subject_has_a_wider_interval():
    held_out = _noise(400)
    noisy = np.array([subject.model == "model-1" for subject in held_out.subjects])
    held_out.tpot[noisy] *= 4
    found = {r.subject.model: r for r in residuals(held_out, "calibrated", ((), ("model",)))}
    low, high = found["model-1"].tpot_interval
    quiet_low, quiet_high = found["model-0"].tpot_interval
    assert high / low > 1.5 * quiet_high / quiet_low
    assert found[None].runs == 400
