"""Tags, pins, what lists filter and sort by, and keys of submissions.

Columns are added and dropped in place: a batch copy would drop the old table, which on SQLite
deletes what points at it.

Revision ID: 0004
Revises: 0003
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TASKS = "evaluation_tasks"
BY_EXPERIMENT = "ix_evaluation_tasks_experiment_id_id"
BY_EXPERIMENT_AND_TIME = "ix_evaluation_tasks_experiment_id_created_at_id"
LISTED_TASKS = "ix_evaluation_tasks_listed"
SEARCHED_TASKS = "ix_evaluation_tasks_search_text"
LISTED_EXPERIMENTS = "ix_experiments_listed"
SORTED_BY = ("best_score", "completed_at")
PARTS = ("model", "hardware", "topology")
AT_ONCE = 1000


def upgrade() -> None:
    _add_columns()
    _fill_experiments()
    _fill_tasks()
    op.drop_index(BY_EXPERIMENT, TASKS)
    op.create_index(BY_EXPERIMENT_AND_TIME, TASKS, ["experiment_id", "created_at", "id"])
    op.create_index(
        LISTED_TASKS,
        TASKS,
        [
            "created_at",
            "id",
            "status",
            "experiment_id",
            "completed_at",
            "progress",
            "best_score",
            "pinned",
            "search_text",
        ],
    )
    for column in SORTED_BY:
        op.create_index(op.f(f"ix_{TASKS}_{column}_id"), TASKS, [column, "id"])
    op.create_index(SEARCHED_TASKS, TASKS, ["search_text"])
    op.create_index(
        LISTED_EXPERIMENTS, "experiments", ["created_at", "id", "pinned", "search_text"]
    )
    _create_tags("task_tags", "task_id", TASKS)
    _create_tags("experiment_tags", "experiment_id", "experiments")
    _create_keys()


def downgrade() -> None:
    """Tags, pins and keys are lost; tasks, experiments and results stay as they are."""
    for table in ("submission_keys", "experiment_tags", "task_tags"):
        op.drop_table(table)
    op.drop_index(LISTED_EXPERIMENTS, "experiments")
    op.drop_index(LISTED_TASKS, TASKS)
    op.drop_index(SEARCHED_TASKS, TASKS)
    for column in SORTED_BY:
        op.drop_index(f"ix_{TASKS}_{column}_id", TASKS)
    op.drop_index(BY_EXPERIMENT_AND_TIME, TASKS)
    op.create_index(BY_EXPERIMENT, TASKS, ["experiment_id", "id"])
    for column in ("search_text", "best_score", "model_name", "pinned"):
        op.drop_column(TASKS, column)
    for column in ("search_text", "pinned"):
        op.drop_column("experiments", column)


def _add_columns() -> None:
    for table in ("experiments", TASKS):
        op.add_column(
            table, sa.Column("pinned", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        op.add_column(table, _text("search_text", 600))
    op.add_column(TASKS, _text("model_name", 200))
    op.add_column(TASKS, sa.Column("best_score", sa.Double(), nullable=True))


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=length), server_default="", nullable=False)


def _fill_experiments() -> None:
    experiments = sa.table("experiments", *map(sa.column, ("id", "name", "description")))
    rows = op.get_bind().execute(sa.select(experiments)).all()
    texts = [
        {"row": row.id, "text": f"{row.name}\n{row.description or ''}".casefold()[:600]}
        for row in rows
    ]
    if texts:
        update = sa.text("UPDATE experiments SET search_text = :text WHERE id = :row")
        op.get_bind().execute(update, texts)


def _fill_tasks() -> None:
    """Part by part: requests are large."""
    op.execute(
        f"UPDATE {TASKS} SET best_score = (SELECT score FROM evaluation_results"
        f" WHERE evaluation_results.task_id = {TASKS}.id AND rank = 1)"
    )
    last = 0
    while rows := _tasks_after(last):
        update = sa.text(
            f"UPDATE {TASKS} SET model_name = :model, search_text = :text WHERE id = :row"
        )
        op.get_bind().execute(update, [_listed(row) for row in rows])
        last = rows[-1].id


def _tasks_after(last: int) -> "list[sa.Row[Any]]":
    query = sa.text(
        f"SELECT {TASKS}.id, name, request FROM {TASKS}"
        f" JOIN experiments ON experiments.id = experiment_id"
        f" WHERE {TASKS}.id > :last ORDER BY {TASKS}.id LIMIT {AT_ONCE}"
    ).columns(sa.column("id"), sa.column("name"), sa.column("request", sa.JSON()))
    return list(op.get_bind().execute(query, {"last": last}).all())


def _listed(row: "sa.Row[Any]") -> dict[str, Any]:
    names = [str((row.request.get(part) or {}).get("name") or "") for part in PARTS]
    text = "\n".join([row.name, *names]).casefold()[:600]
    return {"row": row.id, "model": names[0][:200], "text": text}


def _create_tags(table: str, owner: str, owners: str) -> None:
    op.create_table(
        table,
        sa.Column("tag", sa.String(length=50), nullable=False),
        sa.Column(owner, sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            [owner], [f"{owners}.id"], name=op.f(f"fk_{table}_{owner}_{owners}"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tag", owner, name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{owner}"), table, [owner])


def _create_keys() -> None:
    table = "submission_keys"
    op.create_table(
        table,
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            [f"{TASKS}.id"],
            name=op.f(f"fk_{table}_task_id_{TASKS}"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_task_id"), table, ["task_id"])
    op.create_index(op.f(f"ix_{table}_created_at"), table, ["created_at"])
