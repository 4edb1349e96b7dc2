"""Routes of experiments."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.tasks import Serving
from llm_simulator.schemas.experiments import ExperimentDetail, ExperimentList, ExperimentSummary
from llm_simulator.schemas.labels import ExperimentLabels
from llm_simulator.schemas.lists import LARGEST_ID, ExperimentQuery
from llm_simulator.schemas.submission import ActionResult
from llm_simulator.task_manager.history.removal import remove_experiment

ExperimentId = Annotated[int, Path(ge=1, le=LARGEST_ID)]

router = APIRouter(prefix="/api/evaluation", tags=["experiments"], route_class=StrictRoute)


@router.get("/experiments", responses=documented(422))
def experiments(service: Serving, query: Annotated[ExperimentQuery, Query()]) -> ExperimentList:
    """One page of experiments, newest first unless asked otherwise."""
    return service.history.experiments(query)


@router.get("/experiments/{experiment_id}", responses=documented(404, 422))
def experiment(experiment_id: ExperimentId, service: Serving) -> ExperimentDetail:
    """An experiment with its configuration and its newest tasks."""
    return service.history.experiment(experiment_id)


@router.patch("/experiments/{experiment_id}", responses=documented(404, 409, 413, 422))
def change_experiment(
    experiment_id: ExperimentId, body: ExperimentLabels, service: Serving
) -> ExperimentSummary:
    """Renames, describes, tags or pins an experiment."""
    service.labels.label_experiment(experiment_id, body)
    return service.history.experiment(experiment_id)


@router.delete("/experiments/{experiment_id}", responses=documented(404, 422))
def delete_experiment(experiment_id: ExperimentId, service: Serving) -> ActionResult:
    """Removes an experiment with all its tasks and results; active ones are stopped first."""
    removed = remove_experiment(service.database, service.manager, experiment_id)
    tasks = "1 task" if removed == 1 else f"{removed:,} tasks"
    return ActionResult(success=True, message=f"Experiment deleted with {tasks}.")
