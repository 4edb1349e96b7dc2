"""Points as they were stored until 0014, and how they are brought to the form of 0015.

Beside the step itself, for this is the planner's: a command that only opens a database waits for
nothing of it, unless there are points to bring over.
"""

import lzma
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.results.points import PointLayout, PointTable, laid_out, rounded
from llm_simulator.stored.points import packed_points, sent_points

GZIP, GZIP_BEGINS, XZ_BEGINS = 31, b"\x1f\x8b", b"\xfd7zXZ\0"
"""What data begin with that were stored as they are sent, and the later ones: others are zlib's."""
CONSTANTS = np.dtype([("tokens", "<f8"), ("usd", "<f8")])


def newest(stored_layout: Mapping[str, Any], data: bytes, output_tokens: int) -> bytes:
    """The data in the form of 0015, from any of the three that there were.

    Any number of tokens is read back alike; the request's makes rates follow from latencies.
    """
    layout = PointLayout.model_validate(stored_layout)
    table = PointTable(layout=layout, data=_sent(layout, data))
    return packed_points(table, output_tokens=output_tokens)["data"]


def oldest(stored_layout: Mapping[str, Any], data: bytes) -> bytes:
    """The data in the form that all versions read, from that of 0015."""
    return sent_points(stored_layout, data)


def _sent(layout: PointLayout, data: bytes) -> bytes:
    """Stored points as they are sent."""
    if data.startswith(GZIP_BEGINS):
        return zlib.decompress(data, GZIP)
    stored = (lzma if data.startswith(XZ_BEGINS) else zlib).decompress(data)
    constants, at = np.frombuffer(stored, CONSTANTS, 1)[0], CONSTANTS.itemsize
    bits: dict[str, NDArray[Any]] = {}
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
    for name, formula in _FOLLOWERS.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = np.nan_to_num(rounded(formula(found, constants), layout.digits))
        found[name] = (bits[name] + expected.view(np.uint32)).view(kinds[name])
    return laid_out(found, layout.points, layout.feasible).data


def _rate(columns: Mapping[str, NDArray[Any]], constants: Any) -> NDArray[Any]:
    tokens = float(constants["tokens"])
    seconds = (columns["ttft"].astype(float) + (tokens - 1) * columns["tpot"]) * 1e-3
    return columns["batch_size"] * tokens / (seconds * columns["chips"])


_FOLLOWERS: dict[str, Callable[[Any, Any], NDArray[Any]]] = {
    "tps_per_chip": _rate,
    "throughput": lambda columns, _: columns["tps_per_chip"].astype(float) * columns["chips"],
    "usd_per_million_output_tokens": lambda columns, constants: (
        float(constants["usd"]) / columns["tps_per_chip"].astype(float)
    ),
}
"""Columns that were stored as what rounding leaves between them and those they follow from."""
