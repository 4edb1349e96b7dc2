"""The roofline of one operator."""

import numpy as np
import pytest

from llm_simulator.costs.roofline import compute_time, memory_time, wave_padding
from llm_simulator.operators.work import Tile, gemm
from tests.deployments import CATALOGUE

H100 = CATALOGUE.chips["h100-sxm"].spec


def _square(side, unit="bf16", weight_bytes=2.0):
    return gemm(
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
    """16,384^3: 32,768 tiles are 248.2 waves of 132, so 249 are paid, at 75 % of 989.4 TFLOP/s."""
    expected = 2 * 16384**3 / (0.75 * 989.4e12) * 249 * 132 / 32768
    assert compute_time(_square(16384), H100) == pytest.approx(expected)


def test_reading_weights_by_hand():
    work = _square(4096)
    assert memory_time(work, H100) == pytest.approx(3 * 4096**2 * 2 / (0.85 * 3.35e12))


def test_fp8_is_never_slower_than_bf16():
    for side in (64, 1000, 4096):
        half, byte = _square(side), _square(side, "fp8", 1.0)
        assert compute_time(byte, H100) <= compute_time(half, H100)
        assert memory_time(byte, H100) <= memory_time(half, H100)


def test_more_rows_never_take_less_time():
    times = np.array([float(compute_time(_rows(rows), H100)) for rows in range(1, 3000, 7)])
    assert (times[1:] >= times[:-1] * (1 - 1e-12)).all()


def _rows(rows):
    return gemm(
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
    assert wave_padding(np.array([1.0, 77.0, 1e6]), 1).tolist() == [1.0, 1.0, 1.0]
