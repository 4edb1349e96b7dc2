"""The evidence: public figures can be asked, lines add up, files are stable."""

import csv
import doctest
import re
from dataclasses import replace
from pathlib import Path

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.planner.calibration.comparison import compared
from llm_simulator.planner.calibration.pools import COLUMNS as POOLED_COLUMNS
from validation import answers, baseline, components, curves, scatter, tables
from validation.answers import QUANTITIES, answer, ladder
from validation.baseline import Line, of_part, read_baseline
from validation.components import component_lines
from validation.curves import curve_lines, group_lines, interval, pairs
from validation.evidence import Paths, Tables, main, write_evidence
from validation.figures import Point, PublicFigures, read_figures
from validation.held_out import held_out_section, read_held_out
from validation.page import page
from validation.pools import pool_lines, pool_section
from validation.public import public_lines
from validation.scatter import LEFT, SIDE, TOP, Mark

CATALOGUE = builtin_catalogue()
PUBLIC = read_figures(Paths().figures)
BY_ID = {figure.id: figure for figure in PUBLIC.figures}
ROW = {
    "model": "llama-3.1-8b",
    "chip": "h100-sxm",
    "framework": "vllm",
    "framework_version": "",
    "precision": "bf16",
    "input_tokens": "1024",
    "output_tokens": "1024",
    "concurrency": "8",
    "tp": "1",
    "pp": "1",
    "attention_dp": "1",
    "moe_tp": "1",
    "ep": "1",
    "ttft_ms": "50",
    "tpot_ms": "10",
}


def measured_as(factors, **changes):
    """Runs whose predictions are ``factors`` times what was measured, at rising concurrency."""
    rows = [ROW | changes | {"concurrency": str(4 * (n + 1))} for n in range(len(factors))]
    for row, run, factor in zip(rows, compared(rows, CATALOGUE), factors, strict=True):
        assert run.predicted
        row["ttft_ms"] = repr(run.predicted.ttft_ms / factor)
        row["tpot_ms"] = repr(run.predicted.tpot_ms / factor)
    return compared(rows, CATALOGUE)


def paths_in(folder: Path) -> Paths:
    (folder / "docs").mkdir(parents=True, exist_ok=True)
    return Paths(held_out=folder / "held_out.json", baseline=folder / "b.csv", docs=folder / "docs")


def few_figures() -> PublicFigures:
    return replace(PUBLIC, figures=(BY_ID["nim-llama-70b-h100"],))


@pytest.mark.parametrize("module", [answers, baseline, components, curves, scatter, tables])
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


def test_every_public_figure_has_a_source_an_assumption_and_a_measured_value():
    assert len(BY_ID) == len(PUBLIC.figures) >= 25
    for figure in PUBLIC.figures:
        assert figure.source.url.startswith("https://")
        assert figure.source.read
        assert figure.assumed
        assert (figure.plan is None) == (figure.chips > 0)
        for point in figure.points:
            assert point.measured
            assert set(point.measured) <= set(QUANTITIES)
            assert all(value > 0 for value in point.measured.values())
    assert all(item.reason and item.url.startswith("https://") for item in PUBLIC.skipped)


@pytest.mark.parametrize("figure", PUBLIC.figures, ids=lambda figure: figure.id)
def test_every_public_figure_can_be_asked(figure):
    for point in figure.points:
        # Of a search for the maximum its first rung: the same request, only smaller.
        first = ladder(figure.chips or 8)[0]
        asked = first if point.concurrency == "maximum" else point.concurrency
        found = answer(figure, Point(asked, point.measured))
        assert all(value > 0 for value in found.predicted.values())


def test_a_maximum_is_the_best_rung_that_fits():
    figure = BY_ID["trtllm-llama-70b-h100-long-input"]
    best = answer(figure, figure.points[0])
    assert best.fits
    for concurrency in ladder(2)[:4]:
        rung = answer(figure, Point(concurrency, figure.points[0].measured))
        assert rung.predicted["output_per_chip"] <= best.predicted["output_per_chip"]
    next_rung = next(c for c in ladder(2) if c > best.concurrency)
    beyond = answer(figure, Point(next_rung, figure.points[0].measured))
    assert (
        not beyond.fits or beyond.predicted["output_per_chip"] <= best.predicted["output_per_chip"]
    )


def test_a_system_that_only_decodes_waits_for_no_prompts():
    figure = BY_ID["infersim-qwen3-30b-h20-decode"]
    apart = answer(figure, Point(400, {"decode_per_chip": 1.0}))
    together = answer(figure, Point(400, {"output_per_chip": 1.0}))
    assert apart.predicted["decode_per_chip"] > together.predicted["output_per_chip"]


def test_a_curve_is_one_line_with_the_geometric_mean_of_its_runs():
    tpot = curve_lines(measured_as([0.5, 2.0]))[0]
    assert (tpot.quantity, tpot.rows, tpot.concurrency) == ("TPOT", "2", "4-8")
    # Errors of 0.5 and 1; the factors cancel in the geometric mean.
    assert (tpot.ratio, tpot.mean_error, tpot.median_error) == ("1", "0.75", "0.75")


def test_runs_of_another_plan_or_version_are_another_curve():
    runs = measured_as([1.0]) + measured_as([1.0], tp="2")
    runs += measured_as([1.0], framework_version="0.9")
    assert len(curve_lines(runs)) == 2 * 3


def test_groups_cover_every_run_once_and_name_what_is_not_predicted():
    runs = measured_as([0.5, 1.0]) + compared([ROW | {"chip": "h1000"}], CATALOGUE)
    lines = group_lines(runs)
    for part in ("all", "chip and engine", "model", "combination"):
        assert sum(int(line.rows) for line in of_part(lines, part, "TPOT")) == 3
        assert sum(int(line.predicted_rows) for line in of_part(lines, part, "TPOT")) == 2
    (whole,) = of_part(lines, "all", "TTFT")
    assert (whole.mean_error, whole.bias) == ("0.25", "-0.25")


def test_the_error_of_one_factor_for_all_is_one_component():
    lines = of_part(component_lines(measured_as([2.0, 2.0, 2.0])), "component", "TPOT")
    assert [line.ratio for line in lines] == ["1", "0", "0", "0", "0"]


def test_the_components_of_the_error_add_up_to_all_of_it():
    runs = measured_as([0.5, 0.9]) + measured_as([1.5, 0.7], tp="2", framework="trtllm")
    lines = of_part(component_lines(runs), "component", "TTFT")
    assert sum(float(line.ratio) for line in lines) == pytest.approx(1, abs=0.003)


def test_an_interval_counts_the_measured_values_it_holds():
    (run,) = measured_as([2.0])
    assert run.predicted is not None
    low, high = interval(run.predicted, "tpot")
    assert low < run.predicted.tpot_ms < high
    (pair,) = pairs(measured_as([2.0]), "TPOT")
    inside = [replace(pair, interval=(pair.measured * f, pair.predicted)) for f in (0.9, 1.1)]
    assert curves.inside_share(inside) == 0.5


def test_generating_twice_gives_identical_files(tmp_path):
    runs = measured_as([0.5, 0.8]) + measured_as([1.1], tp="2")
    for folder, order in ((tmp_path / "a", runs), (tmp_path / "b", list(reversed(runs)))):
        write_evidence(paths_in(folder), few_figures(), Tables(runs=order))
    written = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*.*"))
    assert [path.suffix for path in written] == [".csv", ".md", ".svg", ".svg"]
    for path in written:
        assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes()


def test_no_measured_run_is_written(tmp_path):
    runs = measured_as([0.5, 0.8]) + measured_as([1.1], tp="2")
    write_evidence(paths_in(tmp_path), few_figures(), Tables(runs=runs))
    lines = read_baseline(tmp_path / "b.csv")
    assert all(not line.measured for line in lines if line.part != "public")
    picture = (tmp_path / "docs" / "images" / "accuracy-tpot.svg").read_text()
    assert "vllm, 1 curves" in picture


def test_without_measurements_the_baseline_keeps_what_it_says_of_them(tmp_path):
    paths = paths_in(tmp_path)
    write_evidence(paths, few_figures(), Tables(runs=measured_as([0.5, 0.8])))
    before, picture = read_baseline(paths.baseline), paths.docs / "images" / "accuracy-ttft.svg"
    drawn = picture.read_bytes()
    write_evidence(paths, replace(PUBLIC, figures=()), Tables())
    kept = [line for line in before if line.part != "public"]
    assert read_baseline(paths.baseline) == kept
    assert picture.read_bytes() == drawn


def test_a_file_of_measurements_that_is_missing_is_a_sentence(tmp_path, capsys):
    assert main(["--measurements", str(tmp_path / "nowhere.csv")]) == 1
    told = capsys.readouterr().err
    assert "nowhere.csv can't be read" in told
    assert "leave it out" in told
    assert str(tmp_path) not in told


def test_a_file_of_measurements_without_a_column_names_it(tmp_path, capsys):
    path = tmp_path / "runs.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [name for name in ROW if name != "tpot_ms"])
        writer.writeheader()
        writer.writerow({name: value for name, value in ROW.items() if name != "tpot_ms"})
    assert main(["--measurements", str(path)]) == 1
    assert "tpot_ms" in capsys.readouterr().err


def test_every_mark_lies_in_the_square_and_engines_differ_in_shape():
    marks = [Mark(3, 4, "a"), Mark(900, 1000, "b"), Mark(20, 11, "c")]
    picture = scatter.scatter(marks, "title", "TTFT, ms")
    shapes = re.findall(r'<(circle|rect|polygon) class="mark', picture)
    assert {shapes.count(shape) for shape in ("circle", "rect", "polygon")} == {2}
    circles = re.findall(r'<circle class="mark e0" cx="([\d.]+)" cy="([\d.]+)"', picture)
    x, y = max(((float(x), float(y)) for x, y in circles), key=lambda at: at[1])
    assert LEFT <= x <= LEFT + SIDE
    assert TOP <= y <= TOP + SIDE


def test_equal_values_lie_on_the_diagonal():
    scale = scatter.LogScale.over([2.0, 800.0])
    assert scale.x(50.0) - LEFT == pytest.approx(TOP + SIDE - scale.y(50.0))


def test_held_out_errors_show_only_where_they_are_reported():
    assert held_out_section([], None) == []
    tpot, ttft = {"mean": 0.09, "median": 0.05}, {"mean": 0.2, "median": 0.13}
    curve = {"tpot": tpot, "ttft": ttft, "interval_coverage": {"tpot": 0.8}}
    group = {"chip": "h100-sxm", "engine": "vllm", "tpot": tpot}
    text = "\n".join(held_out_section([], {"curve": curve, "by": [group]}))
    assert "9.0 % | 5.0 % | 20.0 % | 13.0 % | 80.0 % | – |" in text
    assert "h100-sxm · vllm" in text


def test_the_committed_page_is_made_of_the_committed_baseline():
    paths = Paths()
    made = page(read_baseline(paths.baseline), PUBLIC, read_held_out(paths.held_out))
    assert made == (paths.docs / "accuracy.md").read_text(encoding="utf-8"), "run make validate"


def test_the_committed_predictions_of_public_figures_are_todays():
    """Those with a given concurrency; the searches for a maximum take too long here."""
    fixed = [f for f in PUBLIC.figures if all(p.concurrency != "maximum" for p in f.points)]
    committed = of_part(read_baseline(Paths().baseline), "public")
    assert {line.case for line in committed} == set(BY_ID)
    then = {_key(line): float(line.predicted) for line in committed}
    for line in public_lines(fixed):
        assert float(line.predicted) == pytest.approx(then[_key(line)], rel=1e-3), "make validate"


def _key(line: Line) -> tuple[str, str, str]:
    return line.case, line.quantity, line.concurrency


def test_runs_on_pools_have_a_section_by_engine_and_chip():
    row = dict.fromkeys(POOLED_COLUMNS, "1") | {
        "model": "llama-3.1-8b",
        "chip": "h100-sxm",
        "framework": "dynamo-trt",
        "precision": "bf16",
        "input_tokens": "1024",
        "output_tokens": "1024",
    }
    runs = compared([row, row | {"prefill_workers": ""}], CATALOGUE)
    lines = pool_lines(runs)
    assert {line.case for line in lines} == {"all runs", "trtllm · h100-sxm"}
    assert {line.predicted_rows for line in lines} == {"1"}
    assert any("trtllm · h100-sxm | 1 of 2" in line for line in pool_section(lines))
    assert pool_section([]) == []
