"""What lists search stands in one line: white space is one blank, parts are parted by a slash.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AT_ONCE = 1000


def upgrade() -> None:
    """Part by part, without the large columns."""
    # Of an experiment's text only the name's end is a parting, the rest is its description.
    for table, parts in (("experiments", 2), ("evaluation_tasks", 4)):
        last = 0
        while rows := _rows_after(table, last):
            update = sa.text(f"UPDATE {table} SET search_text = :text WHERE id = :row")
            op.get_bind().execute(update, [_in_one_line(row, parts) for row in rows])
            last = rows[-1].id


def downgrade() -> None:
    """The older code finds texts in one line as well."""


def _rows_after(table: str, last: int) -> "list[sa.Row[int, str]]":
    query = sa.text(
        f"SELECT id, search_text FROM {table} WHERE id > :last ORDER BY id LIMIT {AT_ONCE}"
    )
    return list(op.get_bind().execute(query, {"last": last}).all())


def _in_one_line(row: "sa.Row[int, str]", parts: int) -> dict[str, object]:
    texts = row.search_text.split("\n", parts - 1)
    return {"row": row.id, "text": " / ".join(" ".join(t.split()) for t in texts)[:600]}
