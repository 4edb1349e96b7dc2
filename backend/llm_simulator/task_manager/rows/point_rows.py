"""The points of a result as a row of evaluation_points.

What is sent is made to be read in place; what is stored is made to be small. Bytes of one place
stand together, figures as differences from the point before, and those that follow from others as
what rounding leaves between. Nothing is lost.
"""

import lzma
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.results.points import PointLayout, PointTable, laid_out, rounded
from llm_simulator.units import MILLI, Array

FAST, GZIP = 1, 31
"""zlib's fastest level and its word for the gzip format, which HTTP carries as it is."""
GZIP_BEGINS, XZ_BEGINS = b"\x1f\x8b", b"\xfd7zXZ\0"
"""Data that were stored as they are sent, and data as they are stored today: others are zlib's."""
CONSTANTS = np.dtype([("tokens", "<f8"), ("usd", "<f8")])
"""What data begin with: tokens of a request, USD per million of them at one per second and chip."""
Columns = Mapping[str, NDArray[Any]]
Bits = NDArray[np.unsignedinteger[Any]]


def packed_points(table: PointTable, *, output_tokens: int) -> dict[str, Any]:
    """The points, each request of so many tokens, as they are stored."""
    columns = table.columns()
    constants = np.array((output_tokens, _usd_of_rate(columns)), CONSTANTS)
    parts = [constants.tobytes()]
    digits = table.layout.digits
    followers = {name: _follower(name, columns, constants, digits) for name in FOLLOWERS}
    for column in table.layout.columns:
        bits = _bits(columns[column.name])
        if column.name in followers:
            bits = bits - _bits(followers[column.name])
        elif column.unit:
            bits = np.diff(bits, prepend=bits.dtype.type(0))
        parts.append(bits.view(np.uint8).reshape(len(bits), -1).T.tobytes())
    layout = table.layout.model_dump(mode="json")
    return {"layout": layout, "data": lzma.compress(b"".join(parts))}


def sent_points(layout: Mapping[str, Any], data: bytes) -> bytes:
    """The data of stored points as they are sent, in gzip's format."""
    if data.startswith(GZIP_BEGINS):
        return data
    return zlib.compress(_unpacked(PointLayout.model_validate(layout), data), FAST, GZIP)


def _unpacked(layout: PointLayout, data: bytes) -> bytes:
    decompress = lzma.decompress if data.startswith(XZ_BEGINS) else zlib.decompress
    stored, at = decompress(data), CONSTANTS.itemsize
    constants = np.frombuffer(stored, CONSTANTS, 1)[0]
    bits: dict[str, Bits] = {}
    for column in layout.columns:
        kind = np.dtype(column.type.replace("float", "uint")).newbyteorder("<")
        size = layout.points * kind.itemsize
        places = np.frombuffer(stored, np.uint8, size, at).reshape(kind.itemsize, layout.points)
        bits[column.name] = np.ascontiguousarray(places.T).view(kind).reshape(-1)
        at += size
    kinds = {column.name: column.type for column in layout.columns}
    found = {
        column.name: (
            np.cumsum(bits[column.name], dtype=bits[column.name].dtype)
            if column.unit
            else bits[column.name]
        ).view(kinds[column.name])
        for column in layout.columns
    }
    for name in FOLLOWERS:
        expected = _follower(name, found, constants, layout.digits)
        found[name] = (bits[name] + _bits(expected)).view(kinds[name])
    return laid_out(found, layout.points, layout.feasible).data


def _follower(name: str, columns: Columns, constants: Any, digits: int) -> NDArray[np.float32]:
    """What a column is but for rounding, from those before it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = rounded(_FORMULAS[name](columns, constants), digits)
    return np.nan_to_num(found)


def _rate(columns: Columns, constants: Any) -> Array:
    """Tokens per second and chip of requests that follow each other at once."""
    tokens = float(constants["tokens"])
    seconds = (columns["ttft"].astype(float) + (tokens - 1) * columns["tpot"]) * MILLI
    return columns["batch_size"] * tokens / (seconds * columns["chips"])


_FORMULAS: Mapping[str, Callable[[Columns, Any], Array]] = {
    "tps_per_chip": _rate,
    "throughput": lambda columns, _: columns["tps_per_chip"].astype(float) * columns["chips"],
    "usd_per_million_output_tokens": lambda columns, constants: (
        float(constants["usd"]) / columns["tps_per_chip"].astype(float)
    ),
}
FOLLOWERS = tuple(_FORMULAS)
"""Columns that follow from others, each after those it follows from."""


def _usd_of_rate(columns: Columns) -> float:
    """USD per million tokens at one token per second and chip, as most points have it."""
    product = columns["usd_per_million_output_tokens"].astype(float) * columns["tps_per_chip"]
    known = product[np.isfinite(product)]
    return float(np.median(known)) if len(known) else 0.0


def _bits(column: NDArray[Any]) -> Bits:
    """The column's bits as whole numbers."""
    return column.view(np.uint32) if column.dtype.kind == "f" else column
