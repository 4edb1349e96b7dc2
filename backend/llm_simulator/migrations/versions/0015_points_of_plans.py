"""Points in one form, the newest, a third smaller. Not a bit of them is lost.

Revision ID: 0015
Revises: 0014
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from llm_simulator.stored.snapshots import Snapshot

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AT_ONCE = 50
"""Tasks read together: some ten megabytes."""

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
        from llm_simulator.migrations import earlier_points

        tokens = row.request["inference"].get("output_seq_length", 1)
        return earlier_points.newest(row.layout, row.data, tokens)

    _replace(newest)


def downgrade() -> None:
    """To the oldest, which all versions read."""

    def oldest(row: "sa.Row[Any]") -> bytes:
        from llm_simulator.migrations import earlier_points

        return earlier_points.oldest(row.layout, row.data)

    _replace(oldest)


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
