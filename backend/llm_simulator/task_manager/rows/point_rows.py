"""The points of a result as a row of evaluation_points."""

import zlib
from typing import Any

from llm_simulator.planner.results.points import PointTable

FAST, GZIP = 1, 31
"""zlib's level and its word for the gzip format, which HTTP carries as it is."""


def packed_points(table: PointTable) -> dict[str, Any]:
    """The points as they are stored."""
    layout = table.layout.model_dump(mode="json")
    return {"layout": layout, "data": zlib.compress(table.data, FAST, GZIP)}
