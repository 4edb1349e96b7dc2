"""Collectives by hand, at their limits, and over tiers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_simulator.planner.costs.collectives import (
    Reach,
    all_gather_time,
    all_reduce_time,
    all_to_all_time,
    in_switch_all_reduce_time,
    one_shot_all_reduce_time,
    ring_all_gather_time,
    ring_all_reduce_time,
    send_time,
    tier_all_reduce_time,
    tree_all_reduce_time,
    two_shot_all_reduce_time,
)
from llm_simulator.planner.specs.link import Link

FAST = Link(bandwidth=400e9, latency=1e-6)
SLOW = Link(bandwidth=50e9, latency=5e-6)
TIMES = (all_reduce_time, all_gather_time, all_to_all_time, send_time)


def _span(inner, outer=1):
    return (Reach(inner, FAST.latency, FAST.bandwidth), Reach(outer, SLOW.latency, SLOW.bandwidth))


@pytest.mark.parametrize("time", TIMES)
def test_one_rank_needs_no_communication(time):
    assert time(1e9, _span(1)) == 0


def test_measured_nccl_all_reduce_is_met_within_a_fifth():
    """8 H100, NCCL medians of the public Vidur tables: 16 KiB 29 us, 1 MiB 34 us, 16 MiB 115 us."""
    for size, measured in ((2**14, 29e-6), (2**20, 34e-6), (2**24, 115e-6)):
        time = ring_all_reduce_time(size, 8, latency=1.9e-6, bandwidth=0.75 * 450e9)
        assert time == pytest.approx(measured, rel=0.2)


def test_two_tiers_add_a_scatter_a_reduction_and_a_gather():
    size = 64e6
    inside = 2 * ring_all_gather_time(size / 8, 8, latency=1e-6, bandwidth=400e9)
    across = ring_all_reduce_time(size / 8, 4, latency=5e-6, bandwidth=50e9)
    assert all_reduce_time(size, _span(8, 4)) == pytest.approx(inside + across)


def test_a_board_in_a_larger_group_scatters_and_gathers_so_it_waits_twice():
    """16 KiB over 8 switched ranks on each of 4 boards, 2 KiB of it across in a ring.

    Inside 2 x 1 us + 2 x 7/8 x 16,384 B / 400 GB/s = 2.072 us; across the tree of
    2 x 2 x 5 us + 2 x 2,048 B / 50 GB/s = 20.082 us is the faster. One shot inside, 1.287 us,
    would leave every rank with the whole buffer.
    """
    inner = Reach(8, FAST.latency, FAST.bandwidth, direct=True)
    outer = Reach(4, SLOW.latency, SLOW.bandwidth)
    assert all_reduce_time(2**14, (inner, outer)) == pytest.approx(22.1536e-6, rel=1e-4)
    alone = Reach(1, SLOW.latency, SLOW.bandwidth)
    assert all_reduce_time(2**14, (inner, alone)) == pytest.approx(1.28672e-6)


def test_a_gather_moves_outer_parts_once():
    across = ring_all_gather_time(1e6, 4, latency=5e-6, bandwidth=50e9)
    inside = ring_all_gather_time(4e6, 8, latency=1e-6, bandwidth=400e9)
    assert all_gather_time(1e6, _span(8, 4)) == pytest.approx(across + inside)


def test_all_to_all_is_bound_by_the_tier_with_most_to_carry():
    size = 32e6
    # 24 of 32 peers are behind the slow tier.
    assert all_to_all_time(size, _span(8, 4)) == pytest.approx(6e-6 + size * 24 / 32 / 50e9)


def test_what_is_handed_on_within_a_server_crosses_once():
    span = (
        Reach(8, FAST.latency, FAST.bandwidth, direct=True),
        Reach(4, SLOW.latency, SLOW.bandwidth),
    )
    # 7 of 8 copies leave the rank that the network brought them to, 3 of 4 servers are others.
    for size, across in ((32e6, 16e6), (320e6, 16e6)):
        slowest = max(size * 7 / 8 / 400e9, across * 3 / 4 / 50e9)
        assert all_to_all_time(size, span, across) == pytest.approx(6e-6 + slowest)


def test_on_one_server_nothing_is_handed_on():
    span = (Reach(8, FAST.latency, FAST.bandwidth, direct=True), Reach(1, 5e-6, 50e9))
    assert all_to_all_time(32e6, span, 4e6) == all_to_all_time(32e6, span)


def test_a_send_crosses_the_slowest_tier():
    assert send_time(1e6, _span(8, 4)) == pytest.approx(5e-6 + 1e6 / 50e9)
    assert send_time(1e6, _span(8)) == pytest.approx(1e-6 + 1e6 / 400e9)


ALGORITHMS = (
    ring_all_reduce_time,
    tree_all_reduce_time,
    one_shot_all_reduce_time,
    two_shot_all_reduce_time,
    in_switch_all_reduce_time,
)


@pytest.mark.parametrize("time", ALGORITHMS)
def test_no_all_reduce_of_one_rank_takes_time(time):
    assert time(1e9, 1, latency=1e-6, bandwidth=1e9) == 0


def test_direct_links_win_small_messages_and_the_ring_loses_no_large_one():
    """8 ranks at 337 GB/s and 1.9 us: a ring needs 14 hops, one shot a single one."""
    routed, direct = (Reach(8, 1.9e-6, 337e9, direct=yes) for yes in (False, True))
    assert tier_all_reduce_time(2**14, direct) < tier_all_reduce_time(2**14, routed) / 2
    large = tier_all_reduce_time(2**30, direct)
    assert large == pytest.approx(tier_all_reduce_time(2**30, routed), rel=0.01)


def test_reducing_in_the_switch_gains_seven_quarters_of_bandwidth_for_eight_ranks():
    plain = tier_all_reduce_time(2**30, Reach(8, 1e-6, 400e9, direct=True))
    reducing = tier_all_reduce_time(2**30, Reach(8, 1e-6, 400e9, direct=True, reduces=True))
    assert plain / reducing == pytest.approx(7 / 4, rel=0.01)


@given(size=st.floats(1, 1e10), ranks=st.integers(2, 512))
def test_the_fastest_algorithm_is_at_least_as_fast_as_each(size, ranks):
    reach = Reach(ranks, 2e-6, 100e9, direct=True, reduces=True)
    figures = {"latency": 2e-6, "bandwidth": 100e9}
    fastest = tier_all_reduce_time(size, reach)
    assert fastest == pytest.approx(min(time(size, ranks, **figures) for time in ALGORITHMS))


@given(
    size=st.floats(1, 1e10),
    inner=st.integers(1, 16),
    outer=st.integers(1, 64),
    factor=st.floats(1, 10),
)
@pytest.mark.parametrize("time", TIMES)
def test_more_bandwidth_never_slows_and_more_bytes_never_speed(time, size, inner, outer, factor):
    base = time(size, _span(inner, outer))
    wider = tuple(
        Reach(reach.members, reach.latency, reach.bandwidth * factor)
        for reach in _span(inner, outer)
    )
    assert time(size, wider) <= base * (1 + 1e-12)
    assert time(size * factor, _span(inner, outer)) >= base * (1 - 1e-12)


@given(scale=st.floats(1e-3, 1e3))
@pytest.mark.parametrize("time", TIMES)
def test_bytes_rescaled_everywhere_change_no_time(time, scale):
    scaled = tuple(Reach(r.members, r.latency, r.bandwidth * scale) for r in _span(8, 4))
    assert time(1e7 * scale, scaled) == pytest.approx(time(1e7, _span(8, 4)))


@pytest.mark.parametrize("time", TIMES)
def test_a_table_equals_its_rows(time):
    sizes, inner, outer = np.array([1e3, 1e6, 1e9]), np.array([1.0, 8, 4]), np.array([4.0, 1, 16])
    table = time(sizes, _span(inner, outer))
    rows = [time(s, _span(i, o)) for s, i, o in zip(sizes, inner, outer, strict=True)]
    assert table.tolist() == [float(row) for row in rows]


def test_trays_of_one_switch_reduce_as_one_board_does():
    tray, rack = (Reach(n, 1.9e-6, 900e9, direct=True) for n in (4, 2))
    board = Reach(8, 1.9e-6, 900e9, direct=True)
    assert all_reduce_time(64e3, (tray, rack)) == all_reduce_time(64e3, (board,))
    assert all_to_all_time(64e3, (tray, rack)) == pytest.approx(all_to_all_time(64e3, (board,)))


def test_a_faster_tray_never_slows_an_all_reduce_over_the_rack():
    rack = Reach(2, 1.9e-6, 900e9, direct=True)
    times = [
        float(all_reduce_time(64e3, (Reach(4, 1.9e-6, bandwidth, direct=True), rack)))
        for bandwidth in (850e9, 900e9, 901e9, 2e12)
    ]
    assert times == sorted(times, reverse=True)
