"""The roofline of one operator."""

from dataclasses import replace

import numpy as np
import pytest

from llm_simulator.planner.costs.roofline import (
    family,
    ideal_memory_time,
    operator_time,
    padded_compute_time,
    reached,
    wave_padding,
)
from llm_simulator.planner.operators.work import WIDENING_ROWS, Product, Tile
from tests.deployments import CATALOGUE, UNCALIBRATED

H100 = CATALOGUE.chips["h100-sxm"].spec


def _square(side, unit="bf16", weight_bytes=2.0):
    return Product(
        "x",
        rows=float(side),
        columns=float(side),
        inner=float(side),
        weight_bytes=weight_bytes,
        activation_bytes=weight_bytes,
        unit=unit,
        tile=Tile(H100.tile_m, H100.tile_n),
    )


def test_a_large_product_by_hand():
    """16,384^3: 32,768 tiles are 248.2 waves of 132, so 249 are paid, at 989.4 TFLOP/s."""
    expected = 2 * 16384**3 / 989.4e12 * 249 * 132 / 32768
    assert padded_compute_time(_square(16384), H100) == pytest.approx(expected)


def test_reading_weights_by_hand():
    work = _square(4096)
    assert ideal_memory_time(work, H100) == pytest.approx(3 * 4096**2 * 2 / 3.35e12)


def test_shares_multiply_and_never_pass_the_data_sheet():
    factors = UNCALIBRATED.factors.model_copy(update={"gemm_compute": 0.8, "gemm_memory": 2.0})
    reach = reached("gemm", 1.0, H100, factors)
    assert reach.compute == pytest.approx(H100.compute_efficiency * 0.8)
    assert reach.memory == 1.0
    starts = factors.gemm_start + factors.narrow_start
    assert reach.start == pytest.approx(starts * H100.kernel_latency)


def test_an_operator_takes_longer_than_either_bound_and_no_longer_than_both():
    compute, memory = np.array([0.0, 3.0, 5.0]), np.array([2.0, 4.0, 5.0])
    time = operator_time(compute, memory)
    assert (time >= np.maximum(compute, memory)).all()
    assert (time <= compute + memory).all()


def test_tiled_products_are_gemms_and_the_rest_passes_over_elements():
    assert family(_square(64)) == "gemm"
    assert family(replace(_square(64).work, padded_tiles=None)) == "elementwise"
    assert family(replace(_square(64), operator="expert_up")) == "expert"


def test_fp8_is_never_slower_than_bf16():
    for side in (64, 1000, 4096):
        half, byte = _square(side), _square(side, "fp8", 1.0)
        assert padded_compute_time(byte, H100) <= padded_compute_time(half, H100)
        assert ideal_memory_time(byte, H100) <= ideal_memory_time(half, H100)


def test_more_rows_never_take_less_time():
    times = np.array([float(padded_compute_time(_rows(rows), H100)) for rows in range(1, 3000, 7)])
    assert (times[1:] >= times[:-1] * (1 - 1e-12)).all()


def _rows(rows):
    return Product(
        "x",
        rows=float(rows),
        columns=8192.0,
        inner=4096.0,
        weight_bytes=2.0,
        activation_bytes=2.0,
        unit="bf16",
        tile=Tile(64, 128),
    )


def test_a_chip_without_units_has_no_waves():
    assert np.all(wave_padding(np.array([1.0, 77.0, 1e6]), 1) == 1.0)


def test_matrix_units_of_ada_widen_few_rows_while_weights_are_read():
    """They take 16 rows at once, not 64: one request of an int4 model waits for its weights."""
    chip = CATALOGUE.chips["rtx-4090"].spec
    works = [_product(rows, chip) for rows in (1.0, 16.0, 17.0, 64.0, 65.0)]
    one, sixteen, *more = (float(padded_compute_time(work, chip)) for work in works)
    assert one == sixteen < ideal_memory_time(works[0], chip)
    assert sixteen < more[0] < more[1] < more[2]


def _product(rows, chip):
    return Product(
        "x",
        rows=rows,
        columns=28672.0,
        inner=4096.0,
        weight_bytes=0.5625,
        activation_bytes=2.0,
        unit="bf16",
        tile=Tile(chip.tile_m, chip.tile_n, most_rows=64),
        widening=WIDENING_ROWS,
    )
