"""What a task found in full: one compressed row for each task in place of a document for each plan.

``evaluation_results`` keeps its columns; ``full_result`` names the plan beside them. SQLite gives
the space back to new rows at once, to the file system after ``VACUUM``.

Revision ID: 0012
Revises: 0011
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TASKS, RESULTS, DETAILS = "evaluation_tasks", "evaluation_results", "evaluation_details"
NAMING = ("batch_size", "attention_dp", "serving", "reason_code")
AT_ONCE = 100
"""Tasks read together: some ten megabytes."""
SMALLEST = 9

_tasks = sa.table(TASKS, sa.column("id"), sa.column("findings", sa.JSON(none_as_null=True)))
_results = sa.table(
    RESULTS,
    *(sa.column(name) for name in ("id", "task_id", "rank", "is_feasible")),
    sa.column("full_result", sa.JSON()),
)
_details = sa.table(
    DETAILS, sa.column("task_id"), sa.column("size"), sa.column("data", sa.LargeBinary())
)


def upgrade() -> None:
    """Every stored plan moves; nothing of it is lost but breakdowns of plans that don't fit."""
    op.create_table(
        DETAILS,
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            [f"{TASKS}.id"],
            name=f"fk_{DETAILS}_task_id_{TASKS}",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("task_id", name=f"pk_{DETAILS}"),
    )
    connection = op.get_bind()
    for tasks in _parts():
        found = connection.execute(
            sa.select(_tasks.c.id, _tasks.c.findings).where(_tasks.c.id.in_(tasks))
        )
        findings = {row.id: row.findings or {} for row in found}
        plans = {task: list(rows) for task, rows in _stored(tasks)}
        whole = {
            task: {
                "plans": [_whole(row) for row in plans.get(task, ())],
                "findings": findings[task],
            }
            for task in tasks
            if plans.get(task) or findings[task]
        }
        if whole:
            rows = [{"task_id": task, **_packed(document)} for task, document in whole.items()]
            connection.execute(sa.insert(_details), rows)
        _replace((row.id, _named(row.full_result)) for rows in plans.values() for row in rows)
    op.drop_column(TASKS, "findings")


def downgrade() -> None:
    """Each plan has its document again, and each task its findings."""
    op.add_column(TASKS, sa.Column("findings", sa.JSON(), nullable=True))
    connection = op.get_bind()
    for tasks in _parts():
        found = connection.execute(
            sa.select(_details.c.task_id, _details.c.data).where(_details.c.task_id.in_(tasks))
        )
        whole = {row.task_id: orjson.loads(zlib.decompress(row.data)) for row in found}
        for task, rows in _stored(tasks):
            _replace((row.id, plan) for row, plan in zip(rows, whole[task]["plans"], strict=True))
        findings = [
            {"task": task, "found": document["findings"]}
            for task, document in whole.items()
            if document["findings"]
        ]
        if findings:
            change = sa.update(_tasks).where(_tasks.c.id == sa.bindparam("task"))
            found_there = sa.bindparam("found", type_=_tasks.c.findings.type)
            connection.execute(change.values(findings=found_there), findings)
    op.drop_table(DETAILS)


def _parts() -> Iterator[Sequence[int]]:
    """The ids of all tasks, some at a time."""
    last = 0
    while True:
        query = sa.select(_tasks.c.id).where(_tasks.c.id > last).order_by(_tasks.c.id)
        part = op.get_bind().execute(query.limit(AT_ONCE)).scalars().all()
        if not part:
            return
        yield part
        last = part[-1]


def _stored(tasks: Sequence[int]) -> Iterator[tuple[int, Iterator["sa.Row[Any]"]]]:
    """The plans of each task, feasible ones by rank, then the others."""
    rows = op.get_bind().execute(
        sa.select(_results)
        .where(_results.c.task_id.in_(tasks))
        .order_by(_results.c.task_id, _results.c.is_feasible.desc(), _results.c.rank, _results.c.id)
    )
    return groupby(rows.all(), key=lambda row: row.task_id)


def _whole(row: "sa.Row[Any]") -> dict[str, Any]:
    """A stored plan; those that don't fit are kept without their breakdown."""
    place = {"is_feasible": bool(row.is_feasible)}
    return row.full_result | place | ({"rank": row.rank} if row.is_feasible else {"latency": None})


def _named(plan: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: plan[name] for name in NAMING if plan.get(name) is not None}
    dcp = plan.get("parallelism", {}).get("dcp", 1)
    return found | ({"dcp": dcp} if dcp > 1 else {})


def _packed(document: Mapping[str, Any]) -> dict[str, Any]:
    text = orjson.dumps(document)
    return {"size": len(text), "data": zlib.compress(text, SMALLEST)}


def _replace(documents: Iterator[tuple[int, Any]]) -> None:
    rows = [{"row": row, "document": document} for row, document in documents]
    if rows:
        change = sa.update(_results).where(_results.c.id == sa.bindparam("row"))
        document = sa.bindparam("document", type_=_results.c.full_result.type)
        op.get_bind().execute(change.values(full_result=document), rows)
