"""The evidence on what is ranked first: decisions, held-out splits, fronts, support, pictures."""

import csv
import doctest

import numpy as np
import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.planner.calibration.comparison import compared
from validation import front_picture, gallery, latencies, support
from validation.baseline import of_part
from validation.decisions import decision_lines, decisions
from validation.evidence import NoMeasurements, predictions
from validation.fronts import Curve, Fronts, front_lines, fronts
from validation.gallery import main as draw
from validation.held_out import held_out_lines, held_out_section
from validation.latencies import OURS, PEER, beside, with_predictions
from validation.support import OTHERS, support_lines, support_section

CATALOGUE = builtin_catalogue()
ROW = {
    "model": "llama-3.1-8b",
    "chip": "h100-sxm",
    "framework": "vllm",
    "precision": "bf16",
    "input_tokens": "1024",
    "output_tokens": "1024",
    "pp": "1",
    "attention_dp": "1",
    "moe_tp": "1",
    "ep": "1",
    "ttft_ms": "100",
}


def row(tp: int, concurrency: int, tpot: float, predicted: float, **more: str) -> dict[str, str]:
    """A run with its prediction; TTFT predicted as measured, 80 % within a tenth."""
    shown = {"ttft": 100.0, "tpot": predicted}
    columns = {
        f"{OURS}_{name}{end}_ms": str(value * factor)
        for name, value in shown.items()
        for end, factor in (("", 1.0), ("_low", 0.9), ("_high", 1.1))
    }
    own = {"tp": str(tp), "concurrency": str(concurrency), "tpot_ms": str(tpot)}
    return ROW | own | columns | more


def case(errors: dict[int, float] | None = None, **more: str) -> list[dict[str, str]]:
    """Two plans at 4, 8 and 16 requests, TPOT off by a factor each; tp 1 makes twice the output."""
    runs = [(1, 4, 10.0), (1, 8, 12.0), (1, 16, 16.0), (2, 4, 8.0), (2, 8, 9.0), (2, 16, 11.0)]
    factors = errors or {}
    return [
        row(tp, requests, tpot, tpot * factors.get(number, 1.0), **more)
        for number, (tp, requests, tpot) in enumerate(runs)
    ]


@pytest.mark.parametrize("module", [latencies, support, front_picture, gallery])
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


def test_who_predicts_what_was_measured_regrets_nothing():
    found = decisions(case())
    assert (found.cases, len(found.regret)) == (1, 4)
    assert found.regret.tolist() == [0.0] * 4
    assert found.kept.all()


def test_regret_is_the_share_of_the_best_that_the_pick_gives_away():
    # The best run within the loosest limit, tp 1 at 16, is thought to miss it: tp 2 at 16 is next.
    found = decisions(case({2: 1.2}))
    output = np.array([16 / (100 + 920.6 * 11) / 2, 16 / (100 + 920.6 * 16)])
    assert found.regret[-1] == pytest.approx(1 - output[0] / output[1], rel=1e-6)
    assert found.regret[:-1].tolist() == [0.0] * 3


def test_an_error_of_two_percent_costs_nothing_where_the_limit_lies_between_runs():
    found = decisions(case(dict.fromkeys(range(6), 1.02)))
    assert found.regret.mean() > 0.2
    assert found.between.tolist() == [0.0] * 4


def test_a_pick_that_breaks_its_limit_loses_everything():
    # tp 1 at 16 is thought to take 8.8 ms: it is picked for every limit but breaks all but the last
    found = decisions(case({2: 0.55}))
    assert found.broken.tolist() == [True, True, True, False]
    assert found.regret.tolist() == [1.0, 1.0, 1.0, 0.0]


def test_nothing_thought_feasible_although_something_was_loses_everything():
    found = decisions(case(dict.fromkeys(range(6), 3.0)))
    assert found.nothing.all()
    assert found.regret.mean() == 1.0


def test_a_case_needs_runs_of_two_plans():
    assert decisions([run | {"tp": "1"} for run in case()]).cases == 0
    assert decisions(case()[:4]).cases == 0


def test_what_is_not_predicted_is_not_picked_and_counts_against_us_only():
    runs = [run | {f"{OURS}_tpot_ms": ""} for run in case()]
    assert decisions(runs).nothing.all()
    assert decisions(case(), PEER).cases == 0


def test_a_peer_is_judged_on_the_same_runs():
    peer = [run | {f"{PEER}_ttft_ms": "100", f"{PEER}_tpot_ms": "20"} for run in case()]
    rows = beside(case(), [run | {"concurrency": f"{run['concurrency']}.0"} for run in peer[:5]])
    assert [run.get(f"{PEER}_tpot_ms") for run in rows] == ["20"] * 5 + [None]
    lines = of_part(decision_lines(rows), "decision")
    assert [line.quantity for line in lines] == ["regret, ours", "regret, peer"]
    assert [line.regret for line in lines] == ["0", "1"]


def test_held_out_predictions_are_summed_up_split_by_split():
    rows = case({0: 1.5}, split="transfer") + case(split="curve") + case(split="moon phase")
    lines = of_part(held_out_lines(rows), "held out")
    assert list(dict.fromkeys(line.split for line in lines)) == ["curve", "transfer", "moon phase"]
    (tpot,) = [ln for ln in lines if (ln.split, ln.quantity) == ("transfer", "TPOT, ours")]
    assert (tpot.rows, tpot.mean_error, tpot.median_error) == ("6", "0.0833", "0")
    assert tpot.inside_interval == "0.833"
    text = "\n".join(held_out_section(held_out_lines(rows), None))
    assert (
        "combinations of model, chip and engine never shown | ours | 6 of 6 | 8.3 % | 0.0 %" in text
    )
    assert "moon phase" in text


def test_a_file_of_predictions_without_its_column_is_a_sentence(tmp_path):
    path = tmp_path / "held_out.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ROW)
        writer.writeheader()
    with pytest.raises(NoMeasurements, match=r"held_out\.csv has no rows with .*peer_tpot_ms"):
        predictions(path, PEER)


def test_a_curve_keeps_what_no_other_point_beats():
    curve = Curve.through(np.array([30.0, 10.0, 20.0, 25.0]), np.array([9.0, 1.0, 5.0, 4.0]))
    assert curve.tpot_ms.tolist() == [10, 20, 30]
    best = curve.best(np.array([9.0, 10.0, 29.0, 99.0]))
    assert np.isnan(best[0])
    assert best[1:].tolist() == [1, 5, 9]


def test_promises_are_divided_by_what_was_measured_at_the_same_tpot():
    measured = Curve(np.array([5.0, 10.0, 20.0]), np.array([1.0, 2.0, 4.0]))
    promised = Curve(np.array([10.0, 15.0]), np.array([2.0, 8.0]))
    found = Fronts([ROW], 1, measured, promised)
    assert found.ratios[1:].tolist() == [1, 2]
    whole = front_lines([found])[0]
    assert (whole.rows, whole.predicted_rows, whole.ratio) == ("3", "2", "1.5")


def test_a_search_promises_at_least_what_the_measured_plan_is_predicted():
    plain = {name: text for name, text in case()[1].items() if not name.startswith(OURS)}
    rows = with_predictions(compared([plain], CATALOGUE))
    (found,) = fronts(rows, CATALOGUE)
    assert found.chips == 1
    best = found.promised.best(np.array([float(rows[0][f"{OURS}_tpot_ms"]) * 1.01]))
    assert best[0] >= 0.95 * latencies.predicted_latencies(rows).rate[0]


def test_the_matrix_says_what_was_measured_and_what_is_carried_over():
    lines = support_lines(CATALOGUE.calibrations)
    known = {(line.model, line.chip, line.engine): line.case for line in lines}
    assert known["llama-3.1-70b", "h200-sxm", "vllm"] == "calibrated"
    assert known["qwen3-32b", "h200-sxm", "vllm"] == "transferred"
    assert known[OTHERS, OTHERS, "none named"] == "first_principles"
    text = "\n".join(support_section(lines))
    assert "### trtllm" in text
    assert support_section([]) == []


def test_the_gallery_draws_every_combination_and_shows_each_run_where_one_points(tmp_path):
    path = tmp_path / "held_out.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, case()[0])
        writer.writeheader()
        writer.writerows(case())
    assert draw(["--output", str(tmp_path / "out"), "--held-out", str(path)]) == 0
    page = (tmp_path / "out" / "index.html").read_text()
    assert page.count("<circle") == 6
    assert page.count('class="band"') == 1
    assert "tp 2, concurrency 16, : TPOT 11.0 ms (predicted 11.0)" in page
    assert "llama-3.1-8b · h100-sxm · vllm</a>" in page
