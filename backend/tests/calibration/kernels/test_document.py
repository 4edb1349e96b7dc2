"""The committed data files: readable, physical, and with their source."""

import tomllib
from importlib.resources import files

import pytest

from llm_simulator.calibration.kernels.curve import CollectiveCurve, KernelCurve
from llm_simulator.calibration.kernels.document import document, read_document
from llm_simulator.catalogue.catalogue import Catalogue
from llm_simulator.errors import InvalidInput

FILES = sorted(
    (p for p in (files("llm_simulator.catalogue") / "kernels").iterdir()), key=lambda p: p.name
)


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def text(request: pytest.FixtureRequest) -> str:
    return request.param.read_text("utf-8")


def test_files_name_their_chip_and_engine():
    known = Catalogue.builtin().chips
    for path in FILES:
        fit = read_document(path.read_text("utf-8"))
        assert path.name == f"{fit.chip}--{fit.engine}.toml"
        assert fit.chip in known


def test_a_file_says_where_it_comes_from(text: str):
    head = tomllib.loads(text)
    assert "aiconfigurator-core" in head["source"]
    assert head["entered"]


def test_shares_are_within_the_data_sheet(text: str):
    for fitted in read_document(text).curves:
        curve = fitted.curve
        if isinstance(curve, KernelCurve):
            assert 0 < curve.compute_share <= 1
            assert 0 < curve.memory_share <= 1
            assert curve.sharpness >= 1
            assert min(curve.stream_passes, curve.serial_latency, curve.extra_context) >= 0
        else:
            assert 0 < curve.bandwidth_share <= 1
            assert 0 <= curve.direct_share <= 1


def test_fixed_times_are_those_of_kernels(text: str):
    for fitted in read_document(text).curves:
        assert 0.3e-6 <= fitted.curve.fixed <= 200e-6, fitted.operator


def test_every_curve_is_better_than_a_guess(text: str):
    for fitted in read_document(text).curves:
        assert fitted.residuals.rows >= 20
        assert fitted.residuals.median < 0.4, (fitted.operator, fitted.format)


def test_products_in_bf16_fit_within_a_tenth(text: str):
    (gemm,) = (c for c in read_document(text).curves if (c.operator, c.format) == ("gemm", "bf16"))
    assert gemm.residuals.median < 0.1


def test_writing_and_reading_back_changes_nothing(text: str):
    fit = read_document(text)
    again = document(fit, source="here", entered="2026-11-24")
    assert read_document(again) == fit
    assert isinstance(fit.curves[-1].curve, CollectiveCurve)


def test_a_missing_coefficient_is_named():
    broken = 'chip = "c"\nengine = "e"\n[gemm.bf16]\ncompute_share = 0.5\n'
    with pytest.raises(InvalidInput, match=r"gemm\.bf16\.fixed_us"):
        read_document(broken)
