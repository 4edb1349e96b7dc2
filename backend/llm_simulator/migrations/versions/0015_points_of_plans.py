"""Points in one form, the newest, a third smaller. Not a bit of them is lost.

Revision ID: 0015
Revises: 0014
"""

import lzma
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa
from alembic import op
from numpy.typing import NDArray

from llm_simulator.planner.results.points import PointLayout, PointTable, laid_out, rounded
from llm_simulator.stored.points import packed_points, sent_points
from llm_simulator.stored.snapshots import Snapshot

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AT_ONCE = 50
"""Tasks read together: some ten megabytes."""
GZIP, GZIP_BEGINS, XZ_BEGINS = 31, b"\x1f\x8b", b"\xfd7zXZ\0"
"""What data begin with that were stored as they are sent, and the later ones: others are zlib's."""
CONSTANTS = np.dtype([("tokens", "<f8"), ("usd", "<f8")])

_points = sa.table(
    "evaluation_points",
    sa.column("task_id", sa.Integer()),
    sa.column("layout", sa.JSON()),
    sa.column("data", sa.LargeBinary()),
)
_tasks = sa.table("evaluation_tasks", sa.column("id"), sa.column("request", Snapshot()))


def upgrade() -> None:
    """From the three forms that there were."""

    def newest(row: "sa.Row[Any]") -> bytes:
        layout = PointLayout.model_validate(row.layout)
        # Any number is read back alike; the request's makes rates follow from latencies.
        tokens = row.request["inference"].get("output_seq_length", 1)
        table = PointTable(layout=layout, data=_sent(layout, row.data))
        return packed_points(table, output_tokens=tokens)["data"]

    _replace(newest)


def downgrade() -> None:
    """To the oldest, which all versions read."""
    _replace(lambda row: sent_points(row.layout, row.data))


def _replace(changed: Callable[["sa.Row[Any]"], bytes]) -> None:
    """New data for each row, some rows at a time."""
    connection, last = op.get_bind(), 0
    change = sa.update(_points).where(_points.c.task_id == sa.bindparam("row"))
    query = sa.select(_points, _tasks.c.request).join(_tasks, _tasks.c.id == _points.c.task_id)
    while True:
        part = query.where(_points.c.task_id > last).order_by(_points.c.task_id).limit(AT_ONCE)
        rows = connection.execute(part).all()
        if not rows:
            return
        new = [{"row": row.task_id, "new": changed(row)} for row in rows]
        connection.execute(change.values(data=sa.bindparam("new")), new)
        last = rows[-1].task_id


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
