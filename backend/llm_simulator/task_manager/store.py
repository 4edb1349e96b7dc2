"""Tasks in the database: every change of state, each in one transaction, with its event."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from llm_simulator.database import Database, inserting
from llm_simulator.models import (
    EvaluationDetails,
    EvaluationPoints,
    EvaluationResult,
    EvaluationTask,
    now,
)
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.event_log import record_changes, record_deletions
from llm_simulator.task_manager.leases import alive_servers
from llm_simulator.task_manager.lifecycle import FINAL, sources
from llm_simulator.task_manager.reorder import place_before
from llm_simulator.task_manager.rows.detail_rows import packed_details
from llm_simulator.task_manager.rows.experiment_counters import counted, joined_experiments
from llm_simulator.task_manager.rows.result_rows import findings, result_rows, stored_plans
from llm_simulator.task_manager.rows.search_columns import best_score
from llm_simulator.task_manager.rows.submission_keys import hold
from llm_simulator.task_manager.task_rows import (
    FORGOTTEN,
    WAITING,
    StoredTask,
    Submission,
    held,
    log_end,
    move,
    next_in_queue,
    stored_task,
    task_row,
    waiting,
)

_IDS = (EvaluationTask.task_id, EvaluationTask.id)
AGEING_SECONDS = 600.0
"""Seconds of waiting that weigh as much as one step of priority."""


class TaskStore:
    """Every change of a task's state. One that no longer fits the state changes nothing."""

    def __init__(
        self,
        database: Database,
        *,
        server_id: str = "",
        ageing_seconds: float = AGEING_SECONDS,
    ) -> None:
        self._database = database
        self._server_id = server_id
        self._ageing = ageing_seconds

    def create(self, submission: Submission) -> str:
        """The id of a new pending task, in the experiment of that name, new or old."""
        return self.create_all([submission])[0]

    def create_all(
        self, submissions: Sequence[Submission], *, most_waiting: int | None = None
    ) -> list[str]:
        """The ids of new pending tasks, all stored or none.

        With ``most_waiting``, only of the first ones, as many as may wait besides those that do.
        """
        with self._database.writing() as session:
            if most_waiting is not None:
                submissions = submissions[: most_waiting - waiting(session, most_waiting)]
                if not submissions:
                    return []
            ids = [str(uuid4()) for _ in submissions]
            experiments = joined_experiments(session, submissions)
            rows = [
                task_row(task_id, submission)
                | self._place_in_queue(submission.priority)
                | {"experiment_id": experiments[submission.experiment_name]}
                for task_id, submission in zip(ids, submissions, strict=True)
            ]
            inserted = inserting(session, EvaluationTask).returning(*_IDS)
            created = {row.task_id: row.id for row in session.execute(inserted, rows)}
            keys = [submission.key for submission in submissions]
            hold(session, list(zip(keys, map(created.__getitem__, ids), strict=True)))
            record_changes(session, list(created.values()))
        return ids

    def claim_next(self, *, above: int | None = None) -> StoredTask | None:
        """The next pending task, now running here; None when there is none or the queue is paused.

        With ``above``, only a task of a higher priority than that.
        """
        with self._database.writing(durable=False) as session:
            row = session.execute(next_in_queue(above)).scalar_one_or_none()
            if row is None:
                return None
            move(
                session,
                EvaluationTask.id == row,
                TaskState.RUNNING,
                message="Running",
                started_at=func.coalesce(EvaluationTask.started_at, now()),
                server_id=self._server_id,
                epoch=EvaluationTask.epoch + 1,
            )
            task = stored_task(session, row)
            record_changes(session, [row])
        return task

    def complete(self, task: StoredTask, result: Mapping[str, Any], *, message: str) -> bool:
        """Stores a running task's results and ends it; False when it is no longer ours."""
        plans = stored_plans(result)
        details = packed_details(plans, findings(result))
        with self._database.writing() as session:
            moved = move(
                session,
                held(task),
                TaskState.COMPLETED,
                completed_at=now(),
                progress=100.0,
                message=message,
                seconds_left=None,
                search_stats=result["search_stats"],
                warnings=result["warnings"],
                best_score=best_score(result),
            )
            if moved is None:
                return False
            if plans:
                rows = result_rows(task.row, plans)
                session.execute(inserting(session, EvaluationResult), rows)
            if details:
                session.execute(
                    inserting(session, EvaluationDetails), {"task_id": task.row, **details}
                )
            if result.get("points"):
                points = {"task_id": task.row, **result["points"]}
                session.execute(inserting(session, EvaluationPoints), points)
            session.execute(counted(moved.experiment_id, completed=1))
            log_end(session, task.row)
        return True

    def fail(self, task: StoredTask, sentence: str) -> bool:
        """Ends a running task with the reason; False when it is no longer ours."""
        with self._database.writing() as session:
            ended = {"completed_at": now(), "seconds_left": None}
            values = ended | {"message": "Failed", "error": sentence}
            if move(session, held(task), TaskState.FAILED, **values) is None:
                return False
            log_end(session, task.row)
        return True

    def cancel(self, task_id: str) -> int | None:
        """Ends a pending or running task; its epoch, None when it has ended before or is gone."""
        with self._database.writing() as session:
            ended = {"completed_at": now(), "seconds_left": None, "message": "Cancelled"}
            mine = EvaluationTask.task_id == task_id
            moved = move(session, mine, TaskState.CANCELLED, **ended)
            if moved is None:
                return None
            log_end(session, moved.id)
            return moved.epoch

    def retry(self, task_id: str) -> bool:
        """Puts a failed or cancelled task at the queue's end, to start anew; False for others."""
        with self._database.writing() as session:
            again = session.execute(
                select(EvaluationTask.id, EvaluationTask.priority)
                .where(EvaluationTask.task_id == task_id)
                .where(EvaluationTask.status.in_(FINAL & sources(TaskState.PENDING)))
                .with_for_update()
            ).first()
            if again is None:
                return False
            values = dict.fromkeys(FORGOTTEN) | self._place_in_queue(again.priority)
            values |= {"progress": 0.0, "message": WAITING}
            move(session, EvaluationTask.id == again.id, TaskState.PENDING, **values)
            record_changes(session, [again.id])
        return True

    def set_priority(self, task_id: str, priority: int) -> bool:
        """Moves a pending task in the queue, a running one before others; False for others."""
        key = EvaluationTask.waiting_since - priority * self._ageing
        with self._database.writing() as session:
            changed = session.execute(
                update(EvaluationTask)
                .where(EvaluationTask.task_id == task_id)
                .where(EvaluationTask.status.not_in(FINAL))
                .values(priority=priority, queue_key=key)
                .returning(EvaluationTask.id)
            ).scalar_one_or_none()
            if changed is not None:
                record_changes(session, [changed])
        return changed is not None

    def move_before(self, task_id: str, before: str | None) -> bool:
        """Puts a pending task just before another one, or at the queue's end; False when one of
        them does not wait any more."""
        wanted = [task_id, *([] if before is None else [before])]
        with self._database.writing() as session:
            found = session.execute(
                select(EvaluationTask.task_id, EvaluationTask.id, EvaluationTask.priority)
                .where(EvaluationTask.task_id.in_(wanted))
                .where(EvaluationTask.status == TaskState.PENDING)
                .order_by(EvaluationTask.id)
                .with_for_update()
            )
            tasks = {row.task_id: row for row in found}
            if len(tasks) < len(wanted):
                return False
            moved = tasks[task_id]
            other = None if before is None else tasks[before].id
            place = place_before(session, moved.id, other, moved.priority)
            session.execute(
                update(EvaluationTask)
                .where(EvaluationTask.id == moved.id)
                .values(
                    queue_key=place.queue_key,
                    priority=place.priority,
                    waiting_since=place.queue_key + place.priority * self._ageing,
                )
            )
            record_changes(session, [moved.id])
        return True

    def delete(self, task_id: str) -> str | None:
        """Deletes a task with its results; its experiment's name, None when there is no task."""
        with self._database.writing() as session:
            gone = session.execute(
                delete(EvaluationTask)
                .where(EvaluationTask.task_id == task_id)
                .returning(EvaluationTask.experiment_id, EvaluationTask.status)
            ).first()
            if gone is None:
                return None
            completed = int(gone.status == TaskState.COMPLETED)
            name = session.execute(
                counted(gone.experiment_id, total=-1, completed=-completed)
            ).scalar_one()
            record_deletions(session, [(task_id, name)])
        return name

    def take_over(self) -> int:
        """Puts the tasks of servers that are no longer alive back; how many they were."""
        orphan = or_(
            EvaluationTask.server_id.is_(None),
            EvaluationTask.server_id.not_in(alive_servers(self._database)),
        )
        return self._put_back(orphan)

    def hand_back(self, *, keeping: Iterable[str] = ()) -> int:
        """Puts this server's running tasks back, except those named; how many they were."""
        mine = EvaluationTask.server_id == self._server_id
        return self._put_back(mine & EvaluationTask.task_id.not_in(list(keeping)))

    def rekey(self) -> None:
        """Orders the waiting tasks by the ageing in force, which may have changed."""
        key = EvaluationTask.waiting_since - EvaluationTask.priority * self._ageing
        with self._database.writing() as session:
            session.execute(
                update(EvaluationTask)
                .where(EvaluationTask.status == TaskState.PENDING)
                .where(EvaluationTask.queue_key != key)
                .values(queue_key=key)
            )

    def mine(self) -> dict[str, int]:
        """The tasks that run here as the database knows, each with its epoch."""
        query = (
            select(EvaluationTask.task_id, EvaluationTask.epoch)
            .where(EvaluationTask.status == TaskState.RUNNING)
            .where(EvaluationTask.server_id == self._server_id)
        )
        with self._database.reading() as session:
            return {row.task_id: row.epoch for row in session.execute(query)}

    def _put_back(self, which: ColumnElement[bool]) -> int:
        """Their place in the queue, progress and stored chunks are kept."""
        with self._database.writing(durable=False) as session:
            rows = session.execute(
                select(EvaluationTask.id)
                .where(EvaluationTask.status == TaskState.RUNNING)
                .where(which)
                .order_by(EvaluationTask.id)
                .with_for_update(skip_locked=True)
            ).scalars()
            found = list(rows)
            values: dict[str, Any] = dict.fromkeys(("server_id", "rate", "seconds_left"))
            for row in found:
                again = EvaluationTask.id == row
                move(session, again, TaskState.PENDING, message="Waiting to go on", **values)
            record_changes(session, found)
        return len(found)

    def _place_in_queue(self, priority: int) -> dict[str, Any]:
        moment = time.time()
        key = moment - priority * self._ageing
        return {"priority": priority, "waiting_since": moment, "queue_key": key}
