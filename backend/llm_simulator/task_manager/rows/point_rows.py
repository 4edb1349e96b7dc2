"""The points of a result as a row of evaluation_points."""

import zlib
from collections.abc import Mapping
from typing import Any

from llm_simulator.planner.results.points import PointTable

FAST, GZIP = 1, 31
"""zlib's level and its word for the gzip format, which HTTP carries as it is."""


def packed_points(table: PointTable) -> dict[str, Any]:
    """The points as they are stored."""
    layout = table.layout.model_dump(mode="json")
    return {"layout": layout, "data": zlib.compress(table.data, FAST, GZIP)}


def unpacked_points(layout: Mapping[str, Any], data: bytes) -> PointTable:
    """The points that were stored."""
    return PointTable.model_validate({"layout": layout, "data": zlib.decompress(data, GZIP)})
