"""Routes of retention."""

from typing import Annotated

from fastapi import APIRouter, Query

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.tasks import Serving
from llm_simulator.schemas.retention import Days, RetentionReport, RetentionRequest
from llm_simulator.task_manager.history.retention import counted, removed

router = APIRouter(prefix="/api/evaluation", tags=["retention"], route_class=StrictRoute)


@router.get("/retention", responses=documented(422))
def what_is_old(service: Serving, days: Annotated[Days, Query()]) -> RetentionReport:
    """How much is older than so many days; removes nothing."""
    return counted(service.database, days)


@router.post("/retention", responses=documented(413, 422))
def remove_old(body: RetentionRequest, service: Serving) -> RetentionReport:
    """Removes tasks that ended more than so many days ago, unless they are pinned."""
    return removed(service.database, body.days, service.manager.changed)
