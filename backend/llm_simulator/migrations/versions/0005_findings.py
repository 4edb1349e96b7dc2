"""What a task found beside its plans: a sweep's table, trade-offs, the best of each way to serve.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tasks that are stored have no such findings."""
    op.add_column("evaluation_tasks", sa.Column("findings", sa.JSON(), nullable=True))


def downgrade() -> None:
    """The findings are lost; the plans stay."""
    op.drop_column("evaluation_tasks", "findings")
