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
    figures = (*latencies, per_chip)
    # Coarser bins are made of finer ones, so there are never more of them.
    dropped = FINEST + bisect_left(
        range(FINEST, BITS), True, key=lambda bits: _bins(figures, bits) <= room
    )
    _, first = np.unique(_keys(figures, dropped), return_index=True)
    kept[first] = True
    return table[kept]


def _unbeaten(seconds: Array, rate: Array) -> IntArray:
    """Rows with a higher rate than all that are quicker; of equals one."""
    order = np.argsort(seconds, kind="stable")
    highest = np.maximum.accumulate(rate[order])
    return order[np.append(True, highest[1:] > highest[:-1])]


def _bins(figures: Sequence[Array], dropped: int) -> int:
    """How many bins there are."""
    keys = np.sort(_keys(figures, dropped))
    return 1 + int(np.count_nonzero(keys[1:] != keys[:-1]))


def _keys(figures: Sequence[Array], dropped: int) -> NDArray[np.uint64]:
    """What positive figures of a row have in common that agree but for their ``dropped`` bits.

    The bits of a float grow with it: first the exponent, then the digits.
    """
    key = np.zeros(len(figures[0]), np.uint64)
    for figure in figures:
        place = figure.view(np.uint32) >> np.uint32(dropped)
        key = (key << np.uint64(BITS - dropped)) | place
    return key
