"""Requests without what all of them say: a tenth of their room. Nothing of them is lost.

Revision ID: 0014
Revises: 0013
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from llm_simulator.stored.snapshots import packed_snapshot, unpacked_snapshot

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TASKS = "evaluation_tasks"
AT_ONCE = 500
TEXT, PACKED = sa.JSON(), sa.LargeBinary()


def upgrade() -> None:
    """The column keeps its name."""
    _replace(TEXT, sa.Column("request", PACKED, nullable=False, server_default=""), packed_snapshot)


def downgrade() -> None:
    """As JSON."""
    column = sa.Column("request", TEXT, nullable=False, server_default="null")
    _replace(PACKED, column, unpacked_snapshot)


def _replace(
    before: "sa.types.TypeEngine[Any]", column: "sa.Column[Any]", changed: Callable[[Any], Any]
) -> None:
    """The column in place of the one of its name, its values changed, some rows at a time.

    It has a default, without which SQLite adds no column that is never null.
    """
    op.execute(f"ALTER TABLE {TASKS} RENAME COLUMN request TO request_before")
    op.add_column(TASKS, column)
    rows = sa.table(
        TASKS,
        sa.column("id", sa.Integer()),
        sa.column("request_before", before),
        sa.column("request", column.type),
    )
    connection, last = op.get_bind(), 0
    change = sa.update(rows).where(rows.c.id == sa.bindparam("row"))
    while True:
        query = sa.select(rows.c.id, rows.c.request_before).where(rows.c.id > last)
        found = connection.execute(query.order_by(rows.c.id).limit(AT_ONCE)).all()
        if not found:
            break
        new = [{"row": row.id, "new": changed(row.request_before)} for row in found]
        connection.execute(change.values(request=sa.bindparam("new", type_=column.type)), new)
        last = found[-1].id
    op.drop_column(TASKS, "request_before")
