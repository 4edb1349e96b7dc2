"""The route of dry runs: how much an evaluation is."""

from fastapi import APIRouter, Request, Response

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.preview import OFF, Client
from llm_simulator.api.service import service_of
from llm_simulator.errors import Conflict
from llm_simulator.executors.previews import counted
from llm_simulator.planner.results.effort import Effort
from llm_simulator.schemas.submission import CountRequest

router = APIRouter(prefix="/api/evaluation", tags=["previews"], route_class=StrictRoute)


@router.post("/count", response_model=Effort, responses=documented(409, 413, 422, 429, 504))
async def count_evaluations(
    body: CountRequest, request: Request, client: Client = None
) -> Response:
    """Counts the plans and evaluations of an evaluation or a sweep, and says about how long they
    take on one core; evaluates and stores nothing."""
    previews = service_of(request).previews
    if previews is None:
        raise Conflict(OFF)
    content = await previews.content(
        body.evaluation(), zipped=False, client=client and f"count {client}", answer=counted
    )
    return Response(content, media_type="application/json")
