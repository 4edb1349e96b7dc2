"""Routes of experiments."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from llm_simulator.api.errors import documented
from llm_simulator.api.tasks import Serving
from llm_simulator.schemas.experiments import ExperimentDetail, ExperimentList
from llm_simulator.schemas.lists import LARGEST_ID, ExperimentQuery

ExperimentId = Annotated[int, Path(ge=1, le=LARGEST_ID)]

router = APIRouter(prefix="/api/evaluation", tags=["experiments"])


@router.get("/experiments", responses=documented(422))
def experiments(service: Serving, query: Annotated[ExperimentQuery, Query()]) -> ExperimentList:
    """One page of experiments, newest first unless asked otherwise."""
    return service.history.experiments(query)


@router.get("/experiments/{experiment_id}", responses=documented(404, 422))
def experiment(experiment_id: ExperimentId, service: Serving) -> ExperimentDetail:
    """An experiment with its configuration and its newest tasks."""
    return service.history.experiment(experiment_id)
