"""Number formats: bytes with their scales, and who multiplies what."""

from typing import get_args

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.dtypes import (
    CACHE_BYTES,
    FORMATS,
    CacheDtype,
    Dtype,
    bytes_per_activation,
    bytes_per_element,
    is_weight_only,
    matrix_unit,
)
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.validation import validated
from llm_simulator.planner.specs.workload import WorkloadSpec
from tests.deployments import CATALOGUE, catalogued


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


def test_every_format_can_hold_weights_and_some_a_cache():
    assert set(get_args(CacheDtype)) == set(CACHE_BYTES) < set(FORMATS) == set(Dtype)


def test_a_format_that_no_engine_caches_in_is_refused():
    load = {**CATALOGUE.assumptions["workload"], "kv_cache_dtype": "int3"}
    with pytest.raises(
        InvalidInput, match="kv_cache_dtype: must be one of bf16, fp16, fp8, fp8_block, int8,"
    ):
        validated(WorkloadSpec, load, "inference")


@pytest.mark.parametrize("dtype", CACHE_BYTES)
def test_a_cache_is_never_wider_than_bf16_nor_narrower_than_its_bits(dtype):
    assert FORMATS[dtype].bits / 8 <= CACHE_BYTES[dtype] <= 2


def test_the_wider_operand_decides_who_multiplies():
    assert matrix_unit(Dtype.NVFP4, Dtype.FP8) == "fp8"
    assert matrix_unit(Dtype.FP8_BLOCK, Dtype.FP8_BLOCK) == "fp8"
    assert not is_weight_only(Dtype.BF16, Dtype.FP8)


def test_a_published_group_size_counts_for_the_published_format_only():
    """Kimi K2.5: int4 experts with a bf16 scale per 32."""
    published = catalogued("kimi-k2.5", "h200-sxm").formats
    assert published.of(Module.ROUTED_EXPERTS).weight_bytes == 0.5 + 2 / 32
    other = catalogued("kimi-k2.5", "b200-sxm", weight_dtype=Dtype.NVFP4).formats
    assert other.of(Module.ROUTED_EXPERTS).weight_bytes == 0.5 + 1 / 16
    assert other.of(Module.DENSE_MLP).weight_bytes == 0.5 + 1 / 16
    # Published nvfp4 mixtures keep attention (nvidia/Kimi-K2.5-NVFP4).
    assert other.of(Module.ATTENTION).weight_bytes == 2


@pytest.mark.parametrize("cache", ["fp8", "fp8_block", "int8", "int4", "nvfp4", "mxfp4"])
def test_a_narrow_cache_is_known_to_the_deployment(cache):
    formats = catalogued("llama-3.1-70b", kv_cache_dtype=Dtype(cache)).formats
    assert formats.cache_bytes == CACHE_BYTES[Dtype(cache)] < 2
