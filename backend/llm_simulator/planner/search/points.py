"""Every feasible point of a search, not only the best: a plan at one concurrency, in a few bytes.

Beyond ``MOST_POINTS`` a picture has no room for more, so they are thinned: of points that agree in
TTFT, TPOT and rate per chip to some binary digits one is kept, with ever fewer digits, and always
those that nothing beats in rate per chip at their TPOT or their TTFT. Bins of fewer digits are
made of whole finer bins, so thinning chunk by chunk keeps what thinning all at once would.
"""

from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, PlainSerializer

from llm_simulator.planner.plans.table import DEGREES
from llm_simulator.planner.search.evaluations import Evaluations
from llm_simulator.units import Array, IntArray

MOST_POINTS = 100_000
"""Points that a result keeps; a picture of a million pixels shows no more."""
SPARE = 2
"""A chunk keeps so many times its share of them: feasible plans lie together."""

POINT = np.dtype(
    [(name, "<u4") for name in (*DEGREES, "chips", "batch_size")]
    + [
        (name, "<f4")
        for name in ("ttft", "tpot", "request_rate", "usd_per_hour", "watts", "nearness")
    ]
)
"""A point: seconds, requests per second, USD, watts; NaN where a figure is not known."""

PointRows = NDArray[np.void]
"""Rows of ``POINT``."""

FINEST, BITS = 11, 31
"""Last bits of a positive figure in single precision that bins ignore at least (0.02 %), of all."""
DIGITS = BITS - FINEST
"""Those that bins tell apart at most."""

PackedRows = Annotated[
    bytes,
    BeforeValidator(lambda rows: b64decode(rows) if isinstance(rows, str) else rows),
    PlainSerializer(lambda rows: b64encode(rows).decode(), return_type=str),
]
"""Bytes that are stored as base64, which JSON can carry."""


@dataclass(frozen=True)
class Points:
    """Feasible points, as they travel from a chunk to the result."""

    rows: PackedRows = b""
    """Rows of ``POINT``."""
    feasible: int = 0
    """How many feasible points there were, kept or not."""

    @property
    def table(self) -> PointRows:
        """The points as a table."""
        return np.frombuffer(self.rows, POINT)


def chunk_points(evaluations: Evaluations, good: IntArray, most: int) -> Points:
    """The ``good`` evaluations of a chunk, thinned to about ``most``; none where that is 0."""
    if most == 0:
        return Points()
    feasible = len(good)
    if feasible > most:
        good = good[_best_of_each_case(evaluations, good)]
    served = evaluations.steady_state(good)
    plan = evaluations.plan_of(good)
    table = np.empty(len(good), POINT)
    for name in DEGREES:
        table[name] = getattr(evaluations.plans, name)[plan]
    table["batch_size"] = evaluations.concurrency_of(good)
    for name in ("chips", "ttft", "tpot", "request_rate", "usd_per_hour", "watts", "nearness"):
        table[name] = getattr(served, name)
    return Points(thinned(table, most).tobytes(), feasible)


def _best_of_each_case(evaluations: Evaluations, good: IntArray) -> IntArray:
    """Of the evaluations whose ranks do the same, the first with the most requests per chip.

    They have the same latencies, so all that thinning may choose from is among these.
    """
    case, per_chip = evaluations.cases.case[good], _per_chip(evaluations, good)
    most = np.zeros(case.max() + 1)
    np.maximum.at(most, case, per_chip)
    best = np.flatnonzero(per_chip == most[case])[::-1]
    first = np.full(len(most), -1)
    first[case[best]] = best
    return np.sort(first[first >= 0])


def _per_chip(evaluations: Evaluations, rows: IntArray) -> Array:
    return evaluations.concurrency_of(rows) / evaluations.chips(rows)


def merged_points(parts: Iterable[Points]) -> Points:
    """The points of all chunks in their order, thinned to ``MOST_POINTS``."""
    found = list(parts)
    rows, feasible = b"".join(part.rows for part in found), sum(part.feasible for part in found)
    table = np.frombuffer(rows, POINT)
    return Points(
        thinned(table, MOST_POINTS).tobytes() if len(table) > MOST_POINTS else rows, feasible
    )


def thinned(table: PointRows, most: int) -> PointRows:
    """At most ``most`` of the points, spread as all are, and what no other beats; in their order.

    The first of a bin is kept.
    """
    if len(table) <= most:
        return table
    per_chip = (table["request_rate"] / table["chips"]).astype(np.float32)
    latencies = [np.ascontiguousarray(table[name]) for name in ("ttft", "tpot")]
    kept = np.zeros(len(table), dtype=np.bool_)
    for each in latencies:
        kept[_unbeaten(each, per_chip)] = True
    room = max(most - int(np.count_nonzero(kept)), 1)
    bins = _interleaved((*latencies, per_chip))
    order = np.argsort(bins)
    apart = np.bitwise_xor(bins[order][1:], bins[order][:-1])
    # Coarser bins are made of finer ones, so there are never more of them.
    dropped = bisect_left(
        range(DIGITS), True, key=lambda digits: 1 + np.count_nonzero(_differ(apart, digits)) <= room
    )
    starts = np.flatnonzero(np.append(True, _differ(apart, dropped)))
    kept[np.minimum.reduceat(order, starts)] = True
    return table[kept]


def _unbeaten(seconds: Array, rate: Array) -> IntArray:
    """Rows with a higher rate than all that are quicker; of equals one."""
    order = np.argsort(seconds, kind="stable")
    highest = np.maximum.accumulate(rate[order])
    return order[np.append(True, highest[1:] > highest[:-1])]


def _differ(apart: NDArray[np.uint64], dropped: int) -> NDArray[np.bool_]:
    """Where interleaved figures that are ``apart`` by these bits differ without the last digits."""
    return apart >> np.uint64(3 * dropped) > 0


def _interleaved(figures: Sequence[Array]) -> NDArray[np.uint64]:
    """The digits of three positive figures in turn: those that agree in the first ones of each
    are neighbours in its order, for any number of first ones (a Morton code).

    The bits of a float grow with it: first the exponent, then the digits.
    """
    code = np.zeros(len(figures[0]), np.uint64)
    for place, figure in enumerate(figures):
        digits = figure.view(np.uint32) >> np.uint32(FINEST) & np.uint32((1 << DIGITS) - 1)
        high, low = np.divmod(digits, np.uint32(1 << DIGITS // 2))
        spread = _spread()[high] << np.uint64(3 * DIGITS // 2) | _spread()[low]
        code |= spread << np.uint64(place)
    return code


@cache
def _spread() -> NDArray[np.uint64]:
    """Each number of half the digits with two zeros between its bits."""
    bits = np.arange(DIGITS // 2, dtype=np.uint64)
    numbers = np.arange(1 << DIGITS // 2, dtype=np.uint64)
    return ((numbers[:, None] >> bits & np.uint64(1)) << np.uint64(3) * bits).sum(axis=1)
