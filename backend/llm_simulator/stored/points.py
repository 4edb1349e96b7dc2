"""The points of a result as a row of evaluation_points.

What is sent is made to be read in place; what is stored is made to be small. Plans have a row for
all their concurrencies, figures are differences from the point before with bytes of one place
together, and what follows from others is what rounding leaves between: mostly nothing. Points are
read back to the last bit.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.table import DEGREES
from llm_simulator.planner.results.points import (
    SINGLE,
    WATTS_DIGITS,
    PointLayout,
    PointTable,
    laid_out,
    rate_per_chip,
    rounded,
)
from llm_simulator.stored.compression import COLUMNS, compressed, decompressed
from llm_simulator.units import Array

FAST, GZIP = 1, 31
"""zlib's fastest level and its word for the gzip format, which HTTP carries as it is."""
CONSTANTS = np.dtype([("tokens", "<f8"), ("usd", "<f8"), ("plans", "<u4")])
"""What data begin with: tokens of a request, USD per million of them at one per second and chip,
and how many runs of points of one plan there are."""
NUMBER, BITS = np.dtype("<u4"), 32
"""What everything else is; most of its bytes are zero."""
WATTS = "watts_per_chip"
"""Stored in place of the energy of a token, which moves with the rate as well."""
Columns = Mapping[str, NDArray[Any]]
Bits = NDArray[np.uint32]


def packed_points(table: PointTable, *, output_tokens: int) -> dict[str, Any]:
    """The points, each request of so many tokens, as they are stored."""
    layout, columns = table.layout, table.columns()
    columns = {name: _wide(column) for name, column in columns.items()}
    columns[WATTS] = _rounded(_watts(columns), WATTS_DIGITS)
    streams = [*_plan_streams(columns, _degrees(layout))]
    constants = np.array((output_tokens, _usd_of_rate(columns), len(streams[0])), CONSTANTS)
    for name, formula in FIGURES.items():
        bits = _bits(columns[name], _unused(name, layout))
        if formula is None:
            streams.append(np.diff(bits[_order(name, columns)], prepend=NUMBER.type(0)))
        else:
            streams.append(bits - _expected(name, columns, constants, layout))
    data = constants.tobytes() + b"".join(map(_by_place, streams))
    return {"layout": layout.model_dump(mode="json"), "data": compressed(data, COLUMNS)}


def unpacked_points(layout: PointLayout, data: bytes) -> PointTable:
    """The points that were packed."""
    stored = decompressed(data)
    constants = np.frombuffer(stored, CONSTANTS, 1)[0]
    read = _Reader(stored, CONSTANTS.itemsize)
    columns = _plan_columns(read, int(constants["plans"]), layout)
    for name, formula in FIGURES.items():
        bits = read(layout.points)
        if formula is None:
            differences, bits = bits, np.empty_like(bits)
            bits[_order(name, columns)] = np.cumsum(differences, dtype=NUMBER)
        else:
            bits = bits + _expected(name, columns, constants, layout)
        columns[name] = bits if name == "chips" else _figure(bits, _unused(name, layout))
    found = {column.name: columns[column.name].astype(column.type) for column in layout.columns}
    return PointTable(layout=layout, data=laid_out(found, layout.points, layout.feasible).data)


def sent_points(layout: Mapping[str, Any], data: bytes) -> bytes:
    """The data of stored points as they are sent, in gzip's format."""
    table = unpacked_points(PointLayout.model_validate(layout), data)
    return zlib.compress(table.data, FAST, GZIP)


class _Reader:
    """Reads one stream after the other."""

    def __init__(self, stored: bytes, at: int) -> None:
        self._stored, self._at = stored, at

    def __call__(self, numbers: int) -> Bits:
        """The next stream, of so many numbers."""
        shape = (NUMBER.itemsize, numbers)
        places = np.frombuffer(self._stored, np.uint8, shape[0] * numbers, self._at).reshape(shape)
        self._at += places.size
        return np.ascontiguousarray(places.T).view(NUMBER).reshape(-1)


def _by_place(stream: Bits) -> bytes:
    """The numbers' bytes, those of one place together."""
    return np.ascontiguousarray(stream).view(np.uint8).reshape(-1, NUMBER.itemsize).T.tobytes()


def _plan_streams(columns: Columns, degrees: Sequence[str]) -> Iterator[Bits]:
    """Of each run of points of one plan their number, its degrees and its first concurrency, then
    each concurrency as a multiple of that and a rest."""
    plans = np.stack([columns[name] for name in degrees])
    starts = np.flatnonzero(np.append(True, (plans[:, 1:] != plans[:, :-1]).any(axis=0)))
    lengths = np.diff(starts, append=plans.shape[1])
    concurrency = columns["batch_size"]
    yield lengths.astype(NUMBER)
    yield from np.diff(plans[:, starts], prepend=NUMBER.type(0))
    yield concurrency[starts]
    yield from np.divmod(concurrency, np.repeat(concurrency[starts], lengths))


def _plan_columns(read: _Reader, plans: int, layout: PointLayout) -> dict[str, NDArray[Any]]:
    """Degrees and concurrencies from their streams."""
    lengths = read(plans)
    columns: dict[str, NDArray[Any]] = {
        name: np.repeat(np.cumsum(read(plans), dtype=NUMBER), lengths) for name in _degrees(layout)
    }
    first = np.repeat(read(plans), lengths)
    columns["batch_size"] = first * read(layout.points) + read(layout.points)
    return columns


def _degrees(layout: PointLayout) -> list[str]:
    return [column.name for column in layout.columns if column.name in DEGREES]


def _wide(column: NDArray[Any]) -> NDArray[Any]:
    return column if column.dtype.kind == "f" else column.astype(NUMBER)


def _rounded(column: Array, digits: int) -> NDArray[np.float32]:
    """Zero stands for what is not known."""
    return np.nan_to_num(rounded(column, digits))


def _unused(name: str, layout: PointLayout) -> int:
    """Last bits of a figure that rounding leaves empty."""
    return 0 if name == "chips" else SINGLE - (WATTS_DIGITS if name == WATTS else layout.digits)


def _bits(column: NDArray[Any], unused: int) -> Bits:
    """The column's bits as whole numbers, the unused ones in front: small changes are small."""
    bits = np.asarray(column.view(np.uint32), np.uint32)
    return bits if unused == 0 else bits >> np.uint32(unused) | bits << np.uint32(BITS - unused)


def _figure(bits: Bits, unused: int) -> NDArray[np.float32]:
    """The figures of these bits."""
    return (bits << np.uint32(unused) | bits >> np.uint32(BITS - unused)).view(np.float32)


def _order(name: str, columns: Columns) -> NDArray[np.intp] | slice:
    """The order in which a column changes least: probabilities fall with TPOT."""
    return np.argsort(columns["tpot"], kind="stable") if name == "probability" else slice(None)


def _expected(name: str, columns: Columns, constants: Any, layout: PointLayout) -> Bits:
    """The bits that a column has by its formula."""
    formula = FIGURES[name]
    assert formula is not None
    with np.errstate(divide="ignore", invalid="ignore"):
        found = formula(columns, constants)
    if name != "chips":
        found = _rounded(found, layout.digits)
    return _bits(found, _unused(name, layout))


def _watts(columns: Columns) -> Array:
    """Per chip, from the energy of a token."""
    return columns["joules_per_token"].astype(float) * columns["tps_per_chip"]


def _usd_of_rate(columns: Columns) -> float:
    """USD per million tokens at one token per second and chip, which all points have but for
    rounding."""
    product = columns["usd_per_million_output_tokens"].astype(float) * columns["tps_per_chip"]
    known = product[np.isfinite(product)]
    return float(known.mean()) if len(known) else 0.0


FIGURES: Mapping[str, Callable[[Columns, Any], Array] | None] = {
    "chips": lambda columns, _: columns["dp"] * columns["tp"] * columns["sp"] * columns["pp"],
    WATTS: None,
    "ttft": None,
    "tpot": None,
    "probability": None,
    "tps_per_chip": lambda columns, constants: rate_per_chip(columns, float(constants["tokens"])),
    "throughput": lambda columns, _: columns["tps_per_chip"].astype(float) * columns["chips"],
    "usd_per_million_output_tokens": lambda columns, constants: (
        float(constants["usd"]) / columns["tps_per_chip"].astype(float)
    ),
    "joules_per_token": lambda columns, _: (
        columns[WATTS].astype(float) / columns["tps_per_chip"].astype(float)
    ),
}
"""The columns beside degrees and concurrency, each after those it follows from, and how."""
