"""Experiments and how many tasks they have: always changed together with the task they count."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from llm_simulator.database import inserting
from llm_simulator.models import Experiment, now


def joined_experiment(
    session: Session, name: str, description: str | None, request: Mapping[str, Any]
) -> int:
    """The id of the experiment of that name, counting one task more."""
    moment = now()
    session.execute(
        inserting(session, Experiment)
        .values(
            name=name,
            description=description,
            created_at=moment,
            updated_at=moment,
            model_config=request["model"],
            hardware_config=request.get("hardware"),
            inference_config=request["inference"],
            total_tasks=0,
            completed_tasks=0,
        )
        .on_conflict_do_nothing(index_elements=["name"])
    )
    return session.execute(
        update(Experiment)
        .where(Experiment.name == name)
        .values(total_tasks=Experiment.total_tasks + 1, updated_at=moment)
        .returning(Experiment.id)
    ).scalar_one()


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
