"""Calibrations as files and commands: written, read back, put on top, refused."""

import csv
import json
import tomllib
from collections import Counter

import numpy as np
import pytest
from typer.testing import CliRunner

from llm_simulator.cli.main import app
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.calibration.calibrate import own_calibration
from llm_simulator.planner.calibration.comparison import compared, summary
from llm_simulator.planner.calibration.document import document
from llm_simulator.planner.calibration.prediction import prediction
from llm_simulator.planner.requests.calibrations import Subject, read_calibration
from tests.deployments import CATALOGUE
from tests.planner.calibration.measured import (
    measurements_of,
    rows,
    runs_with,
    write_csv,
)

NOTED = {"source": "a test", "entered": "2026-11-24"}
TEN = [
    ("qwen3-32b", "h20", "vllm", 8, (2048, 512), concurrency)
    for concurrency in (1, 2, 4, 8, 16, 24, 32, 48, 64, 96)
]
"""Ten runs of a chip that no public run was measured on."""


WHOLE = {"title": "t", "source": "s", "entered": "d", "levels": [], "residuals": []}


def _own_runs():
    """Ten runs, 40 % slower in TPOT and twice as slow in TTFT as the catalogue has them."""
    found = []
    for measured in measurements_of(runs_with(configurations=TEN), TEN):
        known = prediction(measured, CATALOGUE)
        update = {"tpot_ms": 1.4 * known.tpot_ms, "ttft_ms": 2 * known.ttft_ms}
        found.append(measured.model_copy(update=update))
    return found


def test_ten_runs_of_ones_own_cluster_make_the_rest_better():
    measured = _own_runs()
    file = own_calibration(measured[::2], CATALOGUE, **NOTED)
    better = CATALOGUE.with_calibration(file)
    for run in measured[1::2]:
        found = prediction(run, better)
        assert found.tpot_ms == pytest.approx(run.tpot_ms, rel=0.1)
        assert found.ttft_ms == pytest.approx(run.ttft_ms, rel=0.15)
        assert found.provenance == "calibrated"
        assert found.tpot_low_ms <= run.tpot_ms <= found.tpot_high_ms


def test_an_own_calibration_leaves_other_chips_alone():
    better = CATALOGUE.with_calibration(own_calibration(_own_runs(), CATALOGUE, **NOTED))
    other = measurements_of(runs_with(configurations=TEN), TEN)[0].model_copy(
        update={"chip": "h100-sxm"}
    )
    assert prediction(other, better) == prediction(other, CATALOGUE)


def test_a_calibration_from_scratch_tells_what_it_errs_by(tmp_path):
    """Out of two files: levels, errors of every split, and every run as it was predicted unseen."""
    runs = measurements_of(runs_with({"sglang": {"gemm_memory": -0.2}}))
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    write_csv(first, runs[:40])
    write_csv(second, runs[40:])
    target, report = tmp_path / "calibration.toml", tmp_path / "held_out.json"
    fitted = CliRunner().invoke(
        app,
        f"calibrate --from-scratch --measurements {first} --measurements {second} "
        f"--output {target} --held-out {report}",
    )
    assert fitted.exit_code == 0, fitted.output

    file = read_calibration(tomllib.loads(target.read_text()), "calibration")
    assert read_calibration(tomllib.loads(document(file)), "calibration") == file
    assert {residuals.provenance for residuals in file.residuals} == {
        "calibrated",
        "transferred",
        "first_principles",
    }
    with report.with_suffix(".csv").open() as table:
        predicted = list(csv.DictReader(table))
    splits = Counter(row["split"] for row in predicted)
    assert splits == dict.fromkeys(("curve", "transfer", "chip family", "engine"), len(runs))
    assert set(splits) < set(json.loads(report.read_text()))
    for row in predicted:
        low, middle, high = (float(row[f"predicted_tpot{end}_ms"]) for end in ("_low", "", "_high"))
        assert low <= middle <= high


def test_the_command_writes_a_file_that_validate_takes(tmp_path):
    measurements, target = tmp_path / "runs.csv", tmp_path / "mine.toml"
    write_csv(measurements, _own_runs())
    fitted = CliRunner().invoke(
        app,
        f"calibrate --measurements {measurements} --chip h20 --engine vllm --output {target}",
    )
    assert fitted.exit_code == 0, fitted.output
    assert "h20" in target.read_text("utf-8")
    bare, better = (
        CliRunner().invoke(app, f"validate --measurements {measurements} --json {more}")
        for more in ("", f"--calibration {target}")
    )
    assert '"coverage": 1.0' in bare.output
    assert bare.output != better.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--measurements {file} --chip h1000", "No chip 'h1000'"),
        ("--measurements {file} --engine tgi", "no run of tgi on any chip"),
        ("--measurements missing.csv", "can't be read"),
    ],
)
def test_nonsense_gets_one_sentence(arguments, words, tmp_path):
    write_csv(tmp_path / "runs.csv", _own_runs()[:1])
    with pytest.raises(InvalidInput, match=words):
        CliRunner().invoke(
            app,
            f"calibrate {arguments.format(file=tmp_path / 'runs.csv')}",
            catch_exceptions=False,
        )


def test_a_row_that_can_t_be_read_is_named_by_its_line(tmp_path):
    path = tmp_path / "runs.csv"
    write_csv(path, _own_runs()[:2])
    path.write_text(path.read_text("utf-8").replace("vllm,fp8,2048", "vllm,fp8,many", 1), "utf-8")
    with pytest.raises(InvalidInput, match="line 2"):
        CliRunner().invoke(app, f"calibrate --measurements {path}", catch_exceptions=False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"levels": [{"factors": {"speed": 1.0}}]}, "calibration.levels[0].factors"),
        ({"levels": [{"tpot": [1.0]}]}, "calibration.levels[0].tpot"),
        ({"levels": [{"subject": {"colour": "red"}}]}, "calibration.levels[0].subject.colour"),
        ({"levels": [{"factors": {"gemm_start": 1e9}}]}, "calibration.levels[0].factors"),
        ({"title": None}, "calibration.title"),
        ({"reach": {"moon": {"tpot": 1, "ttft": 1}}}, "calibration.reach.moon"),
        ({"reach": {"engine": {"tpot": 11, "ttft": 1}}}, "calibration.reach.engine.tpot"),
    ],
)
def test_a_broken_calibration_names_its_field(change, field):
    with pytest.raises(InvalidInput) as caught:
        read_calibration(WHOLE | change, "calibration")
    assert caught.value.problems[0].field.startswith(field)


def test_provenance_says_what_a_prediction_rests_on():
    def provenance(**keys):
        return CATALOGUE.calibrations.calibration(Subject(**keys)).provenance

    known = {"engine": "vllm", "chip": "h200-sxm", "model": "llama-3.1-70b"}
    assert provenance(**known) == "calibrated"
    assert provenance(**known | {"model": "mixtral-8x7b"}) == "transferred"
    assert provenance(**known | {"chip": "mi300x"}) == "transferred"
    assert provenance(chip="h200-sxm", model="llama-3.1-70b") == "first_principles"


def test_intervals_widen_with_the_distance_from_what_was_measured():
    def widths(**keys):
        found = CATALOGUE.calibrations.calibration(Subject(**keys))
        return [high / low for low, high in (found.tpot_interval, found.ttft_interval)]

    known = {"engine": "vllm", "chip": "h200-sxm", "model": "llama-3.1-70b"}
    calibrated, transferred = widths(**known), widths(**known | {"chip": "mi300x"})
    bare = widths(model="llama-3.1-70b", chip="mi300x")
    for near, far, nothing in zip(calibrated, transferred, bare, strict=True):
        assert near < min(far, nothing)


def test_an_interval_reaches_as_far_as_what_is_new():
    def widths(benchmark=True, **keys):
        case = Subject(**{"engine": "vllm", "chip": "h200-sxm", "model": "llama-3.1-70b"} | keys)
        found = CATALOGUE.calibrations.calibration(case, benchmark=benchmark)
        return np.log([found.tpot_interval, found.ttft_interval]) @ [-1, 1]

    (reach,) = (file.reach for file in CATALOGUE.calibrations.files)
    known, engine = widths(version="0.12.0"), widths(engine="lmdeploy")
    further = {
        "benchmark": widths(version="0.12.0", benchmark=False) / known,
        "version": widths(version="0.99.0") / known,
        "engine": engine / widths(engine=None),
    }
    for new, of in further.items():
        assert of == pytest.approx([reach[new].tpot, reach[new].ttft], rel=1e-6), new
    both = widths(engine="lmdeploy", benchmark=False) / widths(engine=None)
    assert both == pytest.approx(np.maximum(further["engine"], further["benchmark"]))


def test_no_reach_takes_an_interval_out_of_bounds():
    (file,) = CATALOGUE.calibrations.files
    wide = file.residuals[0].model_dump() | {"tpot_interval": (1e-3, 1e3)}
    far = {"residuals": [wide], "reach": {"benchmark": {"tpot": 10, "ttft": 1}}}
    found = CATALOGUE.calibrations.with_file(read_calibration(WHOLE | far, "calibration"))
    assert found.residuals(Subject(), wide["provenance"]).tpot_interval == pytest.approx(
        (1e-6, 1e6)
    )


def test_no_interval_lies_beside_its_prediction():
    """An interval is that of the prediction it stands beside, not of one with other factors."""
    (file,) = CATALOGUE.calibrations.files
    for item in file.residuals:
        for low, high in (item.tpot_interval, item.ttft_interval):
            assert low < 1.05, item.subject.named()
            assert high > 0.95, item.subject.named()


def test_an_untold_engine_is_an_average_one():
    """Its factors lie between those of the engines, as does what it predicts."""
    told = [
        CATALOGUE.calibrations.calibration(Subject(engine=engine, chip="h200-sxm")).factors
        for engine in ("vllm", "sglang", "trtllm")
    ]
    untold = CATALOGUE.calibrations.calibration(Subject(chip="h200-sxm")).factors
    for name in ("request_overhead", "admission_steps", "gemm_memory"):
        values = [getattr(factors, name) for factors in told]
        assert min(values) * 0.9 < getattr(untold, name) < max(values) * 1.1


def test_the_catalogues_factors_stay_within_physical_bounds():
    for chip in ("h100-sxm", "h200-sxm", "b200-sxm", "b300-sxm", "gb200", "mi300x"):
        for engine in (None, "vllm", "sglang", "trtllm"):
            factors = CATALOGUE.calibrations.calibration(Subject(engine=engine, chip=chip)).factors
            spec = CATALOGUE.chips[chip].spec
            assert 0.3 < spec.memory_efficiency * factors.gemm_memory < 1.05
            assert 0.1 < spec.compute_efficiency * factors.gemm_compute < 1.05
            assert 0 < factors.request_overhead < 1e-3
            assert 0 < factors.first_token_overhead < 1


def test_a_file_of_runs_is_covered_whole():
    runs = [dict(row) for row in rows()[:4]] + [{**rows()[0], "chip": "h1000"}]
    found = compared(runs, CATALOGUE)
    total = summary(found)
    assert (total.rows, total.predicted) == (5, 4)
    assert "h1000" in (found[4].problem or "")
    assert np.isfinite([run.predicted.ttft_high_ms for run in found if run.predicted]).all()
