"""The route of previews: small evaluations for sliders that move."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.service import service_of
from llm_simulator.errors import Conflict
from llm_simulator.planner.results.plan import InfeasiblePlan, Plan
from llm_simulator.planner.results.result import SearchStats
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.schemas.record import Record
from llm_simulator.schemas.submission import PreviewRequest

OFF = "Previews are switched off (TIER6_PREVIEW_WORKERS=0); submit a task."
Client = Annotated[
    str | None,
    Header(
        alias="X-Preview-Client",
        max_length=100,
        description="Any name of the asking page: its newest request replaces those that wait.",
    ),
]


class PreviewResult(Record):
    """Ranked plans, the infeasible ones with their reason, and what was searched."""

    top_k_plans: list[Plan]
    infeasible_plans: list[InfeasiblePlan]
    search_stats: SearchStats
    warnings: list[EvaluationWarning]


router = APIRouter(prefix="/api/evaluation", tags=["previews"], route_class=StrictRoute)


@router.post(
    "/preview",
    response_model=PreviewResult,
    responses=documented(409, 413, 422, 429, 504),
)
async def preview_evaluation(
    body: PreviewRequest, request: Request, client: Client = None
) -> Response:
    """Evaluates at once and stores nothing: up to 20,000 evaluations, five plans unless
    `search_constraints.top_k` says more, no simulated requests. Larger ones are tasks."""
    # Not a dependency: those that are no coroutines take a turn in a thread.
    previews = service_of(request).previews
    if previews is None:
        raise Conflict(OFF)
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    content = await previews.content(body.evaluation(), zipped=zipped, client=client)
    coding = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if zipped else None
    return Response(content, media_type="application/json", headers=coding)
