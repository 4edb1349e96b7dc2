"""Experiments and how many tasks they have: always changed together with the task they count."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import update
from sqlalchemy.orm import Session

from llm_simulator.database import insert_into
from llm_simulator.models import Experiment, now
from llm_simulator.task_manager.rows.search_columns import experiment_search_text


class Joining(Protocol):
    """A submission as far as its experiment is concerned."""

    @property
    def experiment_name(self) -> str: ...
    @property
    def description(self) -> str | None: ...
    @property
    def request(self) -> Mapping[str, Any]: ...


def joined_experiments(session: Session, joining: Sequence[Joining]) -> dict[str, int]:
    """The ids of the experiments of these names, new or old, each counting its new tasks."""
    first = {one.experiment_name: one for one in reversed(joining)}
    news = Counter(one.experiment_name for one in joining)
    moment = now()
    # In one order for all, so that no two transactions wait for each other.
    names = sorted(first)
    join = _join(session.get_bind().dialect.name)
    return {
        name: session.execute(join, _experiment_row(first[name], news[name], moment)).scalar_one()
        for name in names
    }


@cache
def _join(dialect: str) -> Any:
    """The statement that creates an experiment or counts on, answering its id.

    In one, so that an experiment that somebody deletes meanwhile is created anew.
    """
    join = insert_into(dialect, Experiment)
    count_on = {
        "total_tasks": Experiment.total_tasks + join.excluded.total_tasks,
        "updated_at": join.excluded.updated_at,
    }
    return join.on_conflict_do_update(index_elements=["name"], set_=count_on).returning(
        Experiment.id
    )


def _experiment_row(first: Joining, tasks: int, moment: datetime) -> dict[str, Any]:
    return {
        "name": first.experiment_name,
        "description": first.description,
        "created_at": moment,
        "updated_at": moment,
        "model_config": first.request["model"],
        "hardware_config": first.request.get("hardware"),
        "inference_config": first.request["inference"],
        "total_tasks": tasks,
        "completed_tasks": 0,
        "search_text": experiment_search_text(first.experiment_name, first.description),
    }


def counted(experiment_id: int, *, total: int = 0, completed: int = 0) -> Any:
    """The update of an experiment's counters, answering its name.

    Relative to the stored numbers, so that concurrent changes add up.
    """
    return (
        update(Experiment)
        .where(Experiment.id == experiment_id)
        .values(
            total_tasks=Experiment.total_tasks + total,
            completed_tasks=Experiment.completed_tasks + completed,
            updated_at=now(),
        )
        .returning(Experiment.name)
    )
