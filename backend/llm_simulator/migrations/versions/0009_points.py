"""Every feasible point of a completed task, in columns.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tasks that are stored have no points."""
    op.create_table(
        "evaluation_points",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["evaluation_tasks.id"],
            name="fk_evaluation_points_task_id_evaluation_tasks",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("task_id", name="pk_evaluation_points"),
    )


def downgrade() -> None:
    """The points are lost; plans and findings stay."""
    op.drop_table("evaluation_points")
