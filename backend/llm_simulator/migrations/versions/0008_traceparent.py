"""The trace in which a task was submitted: its own span is a child of that request's.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tasks that are stored belong to no trace."""
    op.add_column("evaluation_tasks", sa.Column("traceparent", sa.String(55), nullable=True))


def downgrade() -> None:
    """Tasks that still run begin traces of their own."""
    op.drop_column("evaluation_tasks", "traceparent")
