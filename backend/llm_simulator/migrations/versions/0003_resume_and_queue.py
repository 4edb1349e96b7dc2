"""Chunks to resume from, priorities, leases of servers, the log of events.

Revision ID: 0003
Revises: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_evaluation_tasks_status_queue_key_id": ["status", "queue_key", "id"],
    "ix_evaluation_tasks_status_priority_queue_key": ["status", "priority", "queue_key"],
}
UNIX_TIME = {
    "sqlite": "(julianday(created_at) - 2440587.5) * 86400.0",
    "postgresql": "extract(epoch from created_at)",
}


def columns() -> tuple[sa.Column[Any], ...]:
    """What evaluation_tasks gains."""
    return (
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("waiting_since", sa.Double(), nullable=False, server_default="0"),
        sa.Column("queue_key", sa.Double(), nullable=False, server_default="0"),
        sa.Column("server_id", sa.String(length=36), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("plan_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("evaluations", sa.JSON(), nullable=True),
        sa.Column("rate", sa.Double(), nullable=True),
        sa.Column("seconds_left", sa.Double(), nullable=True),
        sa.Column("best_so_far", sa.JSON(), nullable=True),
    )


def upgrade() -> None:
    """Tasks that wait keep their place: they have waited since they were created."""
    # Column by column: rebuilding the table, as SQLite's batch mode may, would delete the results.
    for column in columns():
        op.add_column("evaluation_tasks", column)
    since = UNIX_TIME[op.get_bind().dialect.name]
    op.execute(f"UPDATE evaluation_tasks SET waiting_since = {since}, queue_key = {since}")
    for name, indexed in INDEXES.items():
        op.create_index(name, "evaluation_tasks", indexed)
    op.create_table(
        "evaluation_chunks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["evaluation_tasks.id"],
            name=op.f("fk_evaluation_chunks_task_id_evaluation_tasks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_chunks")),
        sa.UniqueConstraint("task_id", "chunk", name=op.f("uq_evaluation_chunks_task_id_chunk")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "task_events",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("experiment_name", sa.String(length=200), nullable=False),
        sa.Column("event", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_task_events")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "servers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lease_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_servers")),
    )
    op.create_table(
        "task_queue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_queue")),
    )


def downgrade() -> None:
    """Tasks and results stay; a task that was running starts over."""
    for table in ("task_queue", "servers", "task_events", "evaluation_chunks"):
        op.drop_table(table)
    for name in INDEXES:
        op.drop_index(name, "evaluation_tasks")
    for column in columns():
        op.drop_column("evaluation_tasks", column.name)
