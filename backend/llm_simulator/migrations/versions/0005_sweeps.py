"""A task may be a sweep: the table of its points.

Revision ID: 0005
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tasks that are stored have no sweep."""
    with op.batch_alter_table("evaluation_tasks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sweep", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Tables of sweeps are lost; their best points stay."""
    with op.batch_alter_table("evaluation_tasks", schema=None) as batch_op:
        batch_op.drop_column("sweep")
