"""The route that compares results."""

from fastapi import APIRouter

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.tasks import Serving
from llm_simulator.schemas.comparison import Comparison, ComparisonRequest
from llm_simulator.task_manager.history.comparison import compared

router = APIRouter(prefix="/api/evaluation", tags=["results"], route_class=StrictRoute)


@router.post("/compare", responses=documented(404, 413, 422))
def compare(body: ComparisonRequest, service: Serving) -> Comparison:
    """Puts plans of any tasks beside each other: metrics, differences, who dominates whom."""
    return compared(service.database, body.results)
