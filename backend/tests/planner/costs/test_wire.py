"""What messages put on each tier's links."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from llm_simulator.planner.costs.collectives import Reach, Span
from llm_simulator.planner.costs.communication import TIMES
from llm_simulator.planner.costs.wire import wire_bytes
from llm_simulator.planner.operators.work import Message, Pattern

SIZE = 8e6


def reach(members: float, bandwidth: float = 100e9, latency: float = 0.0, **kind: bool) -> Reach:
    return Reach(np.array([float(members)]), latency, bandwidth, **kind)


def sent(pattern: Pattern, *span: Reach) -> list[float]:
    message = Message("", pattern, "tensor", SIZE)
    return [float(on_tier[0]) for on_tier in wire_bytes(message, span)]


SPANS: Mapping[str, Span] = {
    "ring": (reach(4),),
    "direct": (reach(4, direct=True),),
    "switch": (reach(4, direct=True, reduces=True),),
    "two tiers": (reach(4, direct=True), reach(2, 50e9)),
    "trays of a rack": (reach(4, direct=True), reach(2, direct=True)),
    "three tiers": (reach(4, 450e9, direct=True), reach(3, 50e9), reach(2, 25e9)),
}


@pytest.mark.parametrize(
    ("pattern", "span", "expected"),
    [
        # A ring sends (n - 1)/n of the buffer twice, a switch that adds up takes it once.
        ("all_reduce", SPANS["ring"], [1.5 * SIZE]),
        ("all_reduce", SPANS["direct"], [1.5 * SIZE]),
        ("all_reduce", SPANS["switch"], [SIZE]),
        # What is left of the buffer on the outer tier is a quarter.
        ("all_reduce", SPANS["two tiers"], [1.5 * SIZE, SIZE / 4]),
        # One network of 8: 3 of 7 peers are on the tray.
        ("all_reduce", SPANS["trays of a rack"], [1.75 * SIZE * 3 / 7, 1.75 * SIZE * 4 / 7]),
        # Outer tiers first, then all of it within.
        ("all_gather", SPANS["ring"], [3 * SIZE]),
        ("all_gather", SPANS["two tiers"], [3 * 2 * SIZE, SIZE]),
        # Of 8 peers one is the rank itself, 3 are on its board, 4 beyond.
        ("all_to_all", SPANS["two tiers"], [SIZE * 3 / 8, SIZE * 4 / 8]),
        ("all_to_all", SPANS["trays of a rack"], [SIZE * 3 / 8, SIZE * 4 / 8]),
        # On the slowest tier that is crossed.
        ("send", SPANS["two tiers"], [0.0, SIZE]),
        ("send", (reach(2, direct=True), reach(1, 50e9)), [SIZE, 0.0]),
    ],
)
def test_bytes_on_each_tier(pattern: Pattern, span: Span, expected: list[float]) -> None:
    assert sent(pattern, *span) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", list(SPANS))
@pytest.mark.parametrize("pattern", ["all_reduce", "all_gather"])
def test_bytes_over_bandwidths_are_the_time_without_latencies(pattern: Pattern, name: str) -> None:
    span = SPANS[name]
    seconds = sum(size / on.bandwidth for size, on in zip(sent(pattern, *span), span, strict=True))
    assert float(np.ravel(TIMES[pattern](SIZE, span))[0]) == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize("pattern", list(TIMES))
def test_a_group_of_one_sends_nothing(pattern: Pattern) -> None:
    assert sent(pattern, reach(1, direct=True), reach(1, 50e9)) == [0.0, 0.0]


def test_latencies_choose_the_algorithm_and_carry_nothing() -> None:
    """With long latencies every rank reads the others' buffers whole: three of them, at once."""
    slow = replace(SPANS["direct"][0], latency=1.0)
    assert sent("all_reduce", slow) == pytest.approx([3 * SIZE], rel=1e-12)
