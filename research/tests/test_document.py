"""The committed data files: readable, physical, and with their source."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
from llm_simulator.catalogue import builtin_catalogue
from research.kernels.attention import decode_demand
from research.kernels.curve import (
    CollectiveCurve,
    KernelCurve,
    collective_time,
    kernel_time,
)
from research.kernels.document import document, read_document
from research.kernels.formats import KERNEL_FORMATS
from research.kernels.gemm import gemm_demand

from llm_simulator.errors import InvalidInput

COEFFICIENTS = Path(__file__).parents[1] / "kernels" / "coefficients"
FILES = sorted(
    (p for p in COEFFICIENTS.iterdir()), key=lambda p: p.name
)


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def text(request: pytest.FixtureRequest) -> str:
    return request.param.read_text("utf-8")


def test_files_name_their_chip_and_engine():
    known = builtin_catalogue().chips
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


def test_the_kernels_of_a_large_model_add_up_to_a_plausible_step():
    """Llama-3.1-70B, TP8, batch 64: 15.6 ms with older kernels, norms and sampling (peers.md)."""
    chip = builtin_catalogue().chips["h100-sxm"].spec
    text = (COEFFICIENTS / "h100-sxm--vllm.toml").read_text("utf-8")
    curves = {(c.operator, c.format): c.curve for c in read_document(text).curves}
    product, attention = curves["gemm", "bf16"], curves["attention_decode", "bf16"]
    assert isinstance(product, KernelCurve)
    assert isinstance(attention, KernelCurve)
    shapes = np.array([(1280, 8192), (8192, 1024), (7168, 8192), (8192, 3584)], dtype=float)
    demand = gemm_demand(
        rows=64.0,
        columns=shapes[:, 0],
        inner=shapes[:, 1],
        form=KERNEL_FORMATS["bfloat16"],
        chip=chip,
    )
    read = decode_demand(
        requests=64.0,
        context=1536.0,
        heads=8.0,
        kv_heads=1.0,
        width=128.0,
        cache_bytes=2.0,
        chip=chip,
    )
    reduce = curves["all_reduce", "bf16"]
    assert isinstance(reduce, CollectiveCurve)
    assert chip.chip_to_chip is not None
    size = 64 * 8192 * 2.0
    reduced = collective_time(
        reduce, ranks=8, moved=1.75 * size, direct=7 * size, bandwidth=chip.chip_to_chip.bandwidth
    )
    layer = np.sum(kernel_time(product, demand)) + kernel_time(attention, read) + 2 * reduced
    assert 10e-3 < 80 * layer < 15.6e-3


def test_a_missing_coefficient_is_named():
    broken = 'chip = "c"\nengine = "e"\n[gemm.bf16]\ncompute_share = 0.5\n'
    with pytest.raises(InvalidInput, match=r"gemm\.bf16\.fixed_us"):
        read_document(broken)
