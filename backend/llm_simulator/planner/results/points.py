"""Every feasible point of a search as columns of bytes that any language reads at once."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.costs.power import joules_per_token
from llm_simulator.planner.costs.prices import usd_per_million_tokens
from llm_simulator.planner.plans.table import DEGREES
from llm_simulator.planner.results.record import Record
from llm_simulator.planner.search.limits import Limits
from llm_simulator.planner.search.points import PointRows, Points
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.risk import LatencyErrors, ttft_share
from llm_simulator.units import MILLI, Array

ColumnType = Literal["uint8", "uint16", "uint32", "float32"]
TYPES: Mapping[np.dtype[Any], ColumnType] = {np.dtype(name): name for name in get_args(ColumnType)}
ALIGNMENT = 4
"""Bytes of which each column's offset is a multiple, as typed arrays want it."""
SINGLE, DIGITS, WATTS_DIGITS = 23, 12, 10
"""Binary digits of single precision, and those that are kept, of watts fewer: TTFT and TPOT are
right to 0.012 %, rates and prices, which follow from them, to 0.04 %, energies to 0.1 %."""
EARLIER_DIGITS = 14
"""Those of tables that don't say."""
PROBABILITIES = 1024
"""Steps of a probability."""

UNITS = {
    "throughput": "tokens/s",
    "tps_per_chip": "tokens/s",
    "ttft": "ms",
    "tpot": "ms",
    "usd_per_million_output_tokens": "USD",
    "joules_per_token": "J",
}
"""Of the columns that are no plain numbers; ``probability`` is from 0 to 1."""


class PointColumn(Record):
    """One column: little-endian values of this type, as many as there are points, at ``offset``."""

    name: str
    type: ColumnType
    unit: str
    """Empty for counts and probabilities."""
    offset: int
    """Bytes before it in the data."""


class PointLayout(Record):
    """What the data of a task's points has. Columns are a plan's degrees, ``chips``,
    ``batch_size`` (the concurrency) and figures as a plan has them; NaN stands for what is not
    known. ``probability`` is that of keeping every limit on latencies and rate, taken as
    independent of each other; 1 without limits."""

    points: int
    feasible: int
    """Feasible points that the search found; more than ``points`` where they were thinned."""
    bytes: int
    """Of the data, before any compression."""
    digits: int = EARLIER_DIGITS
    """Binary digits that figures are rounded to."""
    columns: list[PointColumn]


class PointTable(Record):
    """The feasible points of a search, in the order in which they were tried.

    Beyond 100,000 they are thinned evenly; what nothing beats in tokens per second and chip at
    its TPOT or its TTFT is always there.
    """

    layout: PointLayout
    data: bytes

    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns by their names."""
        points = self.layout.points
        return {
            column.name: np.frombuffer(
                self.data, np.dtype(column.type).newbyteorder("<"), points, column.offset
            )
            for column in self.layout.columns
        }


def point_table(problem: SearchProblem, found: Points) -> PointTable:
    """The points as they are stored and sent."""
    table = found.table
    return laid_out({**_counts(table), **_figures(problem, table)}, len(table), found.feasible)


def _counts(table: PointRows) -> dict[str, NDArray[Any]]:
    """Whole numbers, each column in the shortest type that holds it."""
    names = (*DEGREES, "chips", "batch_size")
    return {
        name: table[name].astype(np.min_scalar_type(table[name].max(initial=0))) for name in names
    }


def _figures(problem: SearchProblem, table: PointRows) -> dict[str, NDArray[Any]]:
    """Rate, price and energy as they follow from latencies and watts, rounded: nothing is left to
    store of them."""
    chips = table["chips"]
    latencies = {name: rounded(table[name] / MILLI) for name in ("ttft", "tpot")}
    load = {name: table[name] for name in ("batch_size", "chips")}
    tokens = problem.deployment.workload.output_seq_length
    per_chip = rounded(rate_per_chip(latencies | load, tokens)).astype(float)
    watts = rounded(table["watts"] / chips, WATTS_DIGITS)
    probability = np.rint(_probability(problem, table) * PROBABILITIES) / PROBABILITIES
    figures = {
        "throughput": per_chip * chips,
        "tps_per_chip": per_chip,
        **latencies,
        "usd_per_million_output_tokens": usd_per_million_tokens(
            table["usd_per_hour"].astype(float) / chips, per_chip
        ),
        "joules_per_token": joules_per_token(watts.astype(float), per_chip),
        "probability": probability,
    }
    return dict(zip(figures, rounded(np.array([*figures.values()])), strict=True))


def rate_per_chip(columns: Mapping[str, NDArray[Any]], tokens: float) -> Array:
    """Output tokens per second and chip of requests of so many ``tokens`` that follow each other
    at once, by Little's law from ``batch_size``, ``chips``, ``ttft`` and ``tpot`` in ms."""
    ttft, tpot = (columns[name].astype(float) for name in ("ttft", "tpot"))
    seconds = (ttft + (tokens - 1) * tpot) * MILLI
    return columns["batch_size"].astype(float) * tokens / (seconds * columns["chips"])


def rounded(column: Array | float, digits: int = DIGITS) -> NDArray[np.float32]:
    """The column to so many binary digits: what lies below is no prediction, and compresses."""
    single = np.asarray(column, np.float32)
    dropped = np.uint32(SINGLE - digits)
    bits = single.view(np.uint32)
    half = np.where(np.isfinite(single), np.uint32(1 << (dropped - 1)), np.uint32(0))
    return ((bits + half) >> dropped << dropped).view(np.float32)


def _probability(problem: SearchProblem, table: PointRows) -> Array:
    """That every limit holds; limits as independent of each other."""
    limits: Limits = problem.limits
    found = np.ones(len(table))
    if limits.none or len(table) == 0:
        return found
    errors = LatencyErrors.of(problem.deployment.calibration, table["nearness"].astype(float))
    ttft, tpot = table["ttft"].astype(float), table["tpot"].astype(float)
    if limits.max_ttft is not None:
        found *= errors.ttft.probability(limits.max_ttft / ttft)
    if limits.max_tpot is not None:
        found *= errors.tpot.probability(limits.max_tpot / tpot)
    tokens = problem.deployment.workload.output_seq_length
    turn = errors.turn(ttft_share(ttft, tpot, tokens))
    if limits.max_e2e_latency is not None:
        found *= turn.probability(limits.max_e2e_latency / (ttft + (tokens - 1) * tpot))
    if limits.min_request_rate is not None:
        found *= turn.probability(table["request_rate"] / limits.min_request_rate)
    return found


def laid_out(columns: Mapping[str, NDArray[Any]], points: int, feasible: int) -> PointTable:
    """The columns one after the other."""
    described, parts, offset = [], [], 0
    for name, column in columns.items():
        data = column.astype(column.dtype.newbyteorder("<")).tobytes()
        described.append(
            PointColumn(
                name=name,
                type=TYPES[column.dtype],
                unit=UNITS.get(name, ""),
                offset=offset,
            )
        )
        data += bytes(-len(data) % ALIGNMENT)
        parts.append(data)
        offset += len(data)
    layout = PointLayout(
        points=points, feasible=feasible, bytes=offset, columns=described, digits=DIGITS
    )
    return PointTable(layout=layout, data=b"".join(parts))
