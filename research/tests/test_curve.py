"""The two formulas that kernel coefficients belong to."""

from dataclasses import replace

import numpy as np
import pytest
from research.kernels.curve import (
    CollectiveCurve,
    KernelCurve,
    KernelDemand,
    collective_time,
    kernel_time,
    soft_maximum,
)

CURVE = KernelCurve(
    fixed=3e-6, compute_share=0.8, memory_share=0.9, sharpness=2.0, stream_passes=2.0
)
COMPUTE = np.array([4e-6, 0.0, 1e-3])
MEMORY = np.array([9e-6, 9e-6, 1e-5])
STREAM = np.array([1e-6, 0.0, 0.0])
DEMAND = KernelDemand(COMPUTE, MEMORY, STREAM)
RING = CollectiveCurve(
    fixed=4e-6, per_rank=1e-6, bandwidth_share=0.8, ramp=9e-6, direct_share=0.6, turn=5e-6
)


def test_a_worked_example_by_hand():
    # 3 + 2 * 1 + hypot(4 / 0.8, 9 / 0.9) us
    first = np.asarray(kernel_time(CURVE, DEMAND))[0]
    assert first == pytest.approx((3 + 2 + np.hypot(5, 10)) * 1e-6)


def test_a_sharp_curve_is_the_roofline():
    sharp = KernelCurve(fixed=2e-6, compute_share=0.5, memory_share=0.5, sharpness=60.0)
    longest = np.maximum(DEMAND.compute, DEMAND.memory) / 0.5
    assert kernel_time(sharp, DEMAND) == pytest.approx(2e-6 + longest, rel=1e-6)


def test_a_kernel_is_never_faster_than_the_data_sheet():
    perfect = KernelCurve(fixed=0.0, compute_share=1.0, memory_share=1.0, sharpness=8.0)
    times = np.asarray(kernel_time(perfect, DEMAND))
    assert np.all(times >= np.maximum(DEMAND.compute, DEMAND.memory))


@pytest.mark.parametrize("column", ["compute", "memory", "stream"])
def test_a_slower_chip_is_never_faster(column: str):
    slower = replace(DEMAND, **{column: 1.5 * getattr(DEMAND, column)})
    assert np.all(np.asarray(kernel_time(CURVE, slower)) >= kernel_time(CURVE, DEMAND))


def test_a_table_of_calls_equals_its_rows():
    rows = [
        float(kernel_time(CURVE, KernelDemand(*columns)))
        for columns in np.stack(
            [np.asarray(c) for c in (DEMAND.compute, DEMAND.memory, DEMAND.stream)]
        ).T
    ]
    assert kernel_time(CURVE, DEMAND) == pytest.approx(rows)


def test_no_work_takes_the_fixed_time():
    assert float(kernel_time(CURVE, KernelDemand(compute=0.0, memory=0.0))) == pytest.approx(3e-6)


def test_the_soft_maximum_survives_tiny_parts():
    assert float(soft_maximum((1e-300, 2e-6, 0.0), 8.0)) == pytest.approx(2e-6)


def test_a_collective_by_hand():
    # moved 8 MB at 0.8 * 100 GB/s: 100 us; ramp: sqrt(100^2 + 100 * 9); then 5 + 4 + 3 us
    time = collective_time(RING, ranks=4, moved=8e6, direct=16e6, bandwidth=100e9)
    assert float(time) == pytest.approx((12 + np.sqrt(100**2 + 900)) * 1e-6)


def test_a_small_message_goes_directly():
    # direct 6 kB at 0.6 * 100 GB/s is 0.1 us, the other way needs 5 us to turn
    time = collective_time(RING, ranks=4, moved=3e3, direct=6e3, bandwidth=100e9)
    assert float(time) == pytest.approx((4 + 3 + 0.1) * 1e-6)


def test_a_faster_link_is_never_slower():
    sizes = np.geomspace(1e2, 1e9, 30)
    slow, fast = (
        np.asarray(collective_time(RING, ranks=8, moved=sizes, direct=4 * sizes, bandwidth=b))
        for b in (100e9, 200e9)
    )
    assert np.all(fast <= slow)
