"""What a task found in full, as a row of evaluation_details: plans repeat each other a lot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from llm_simulator.models import EvaluationDetails
from llm_simulator.stored.compression import TEXT, compressed, decompressed

Plan = Mapping[str, Any]


@dataclass(frozen=True)
class Details:
    """What a task found, its points aside."""

    plans: Sequence[dict[str, Any]] = ()
    """Feasible ones by rank, then the others as they were found."""
    findings: Mapping[str, Any] = field(default_factory=dict)
    """Beside plans: a sweep's table, trade-offs, the best of each serving."""


NOTHING = Details()


def packed_details(plans: Sequence[Plan], findings: Mapping[str, Any]) -> dict[str, Any] | None:
    """The columns that hold them; None where there is nothing to hold."""
    if not plans and not findings:
        return None
    document = orjson.dumps({"plans": _in_order(plans), "findings": findings})
    return {"data": compressed(document, TEXT)}


def details_in(data: bytes | None) -> Details:
    """What a row's data holds; nothing where there is none."""
    return NOTHING if data is None else Details(**orjson.loads(decompressed(data)))


def stored_details(session: Session, task_rows: Iterable[int]) -> dict[int, Details]:
    """The details of these tasks, of those that have any."""
    rows = select(EvaluationDetails.task_id, EvaluationDetails.data)
    rows = rows.where(EvaluationDetails.task_id.in_(list(task_rows)))
    return {row.task_id: details_in(row.data) for row in session.execute(rows)}


def _in_order(plans: Sequence[Plan]) -> list[Plan]:
    feasible = [plan for plan in plans if plan["is_feasible"]]
    others = [plan for plan in plans if not plan["is_feasible"]]
    return [*sorted(feasible, key=lambda plan: plan["rank"]), *others]
