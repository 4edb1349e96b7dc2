"""Number formats: bytes with their scales, and who multiplies what."""

import pytest

from llm_simulator.planner.specs.dtypes import (
    CACHE_BYTES,
    FORMATS,
    Dtype,
    bytes_per_activation,
    bytes_per_element,
    is_weight_only,
    matrix_unit,
)
from tests.deployments import catalogued


@pytest.mark.parametrize(
    ("dtype", "bits"),
    [
        ("bf16", 16),
        ("fp8", 8),
        ("fp8_block", 8 + 32 / 128**2),
        ("int8", 8),
        ("int4", 4 + 16 / 128),
        ("nvfp4", 4 + 8 / 16),
        ("mxfp4", 4 + 8 / 32),
    ],
)
def test_a_weight_takes_its_bits_and_its_share_of_a_scale(dtype, bits):
    assert bytes_per_element(Dtype(dtype)) == bits / 8


def test_block_scales_of_activations_are_finer_than_those_of_weights():
    assert bytes_per_activation(Dtype.FP8_BLOCK) == 1 + 4 / 128
    assert bytes_per_activation(Dtype.NVFP4) == bytes_per_element(Dtype.NVFP4)


def test_every_format_can_hold_weights_and_a_cache():
    assert set(CACHE_BYTES) == set(FORMATS) == set(Dtype)


@pytest.mark.parametrize("dtype", Dtype)
def test_a_cache_is_never_wider_than_bf16_nor_narrower_than_its_bits(dtype):
    assert FORMATS[dtype].bits / 8 <= CACHE_BYTES[dtype] <= 2


def test_the_wider_operand_decides_who_multiplies():
    assert matrix_unit(Dtype.NVFP4, Dtype.FP8) == "fp8"
    assert matrix_unit(Dtype.FP8_BLOCK, Dtype.FP8_BLOCK) == "fp8"
    assert not is_weight_only(Dtype.BF16, Dtype.FP8)


def test_a_published_group_size_counts_for_the_published_format_only():
    """Kimi K2.5: int4 experts with a bf16 scale per 32."""
    assert catalogued("kimi-k2.5", "h200-sxm").formats.expert_weight_bytes == 0.5 + 2 / 32
    other = catalogued("kimi-k2.5", "b200-sxm", weight_dtype=Dtype.NVFP4).formats
    assert other.expert_weight_bytes == other.weight_bytes == 0.5 + 1 / 16


@pytest.mark.parametrize("cache", ["fp8", "fp8_block", "int8", "int4", "nvfp4", "mxfp4"])
def test_a_narrow_cache_is_known_to_the_deployment(cache):
    formats = catalogued("llama-3.1-70b", kv_cache_dtype=Dtype(cache)).formats
    assert formats.cache_bytes == CACHE_BYTES[Dtype(cache)] < 2
