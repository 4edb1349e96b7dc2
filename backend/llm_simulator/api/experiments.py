"""Routes of experiments."""

from typing import Annotated

from fastapi import APIRouter, Path

from llm_simulator.api.errors import documented
from llm_simulator.api.tasks import Limit, Serving
from llm_simulator.schemas.experiments import ExperimentDetail, ExperimentList

# PostgreSQL's integer ends here; a larger number can't be an id.
ExperimentId = Annotated[int, Path(ge=1, le=2**31 - 1)]

router = APIRouter(prefix="/api/evaluation", tags=["experiments"])


@router.get("/experiments", responses=documented(422))
def experiments(service: Serving, limit: Limit = 1000) -> ExperimentList:
    """Experiments, newest first."""
    return service.history.experiments(limit=limit)


@router.get("/experiments/{experiment_id}", responses=documented(404, 422))
def experiment(experiment_id: ExperimentId, service: Serving) -> ExperimentDetail:
    """An experiment with its configuration and its newest tasks."""
    return service.history.experiment(experiment_id)
