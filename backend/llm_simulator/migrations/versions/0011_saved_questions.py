"""Questions that people keep.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None is saved yet."""
    op.create_table(
        "saved_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_questions"),
        sa.UniqueConstraint("name", name="uq_saved_questions_name"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """The questions are lost; the tasks that were asked with them stay."""
    op.drop_table("saved_questions")
