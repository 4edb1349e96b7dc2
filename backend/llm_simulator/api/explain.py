"""The route of explanations: one plan, and where each of its figures comes from."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.preview import OFF, Client
from llm_simulator.api.service import service_of
from llm_simulator.errors import Conflict
from llm_simulator.executors.previews import explained, traced
from llm_simulator.planner.explain.explanation import Explanation
from llm_simulator.schemas.submission import ExplainRequest

Form = Annotated[
    Literal["explanation", "trace"],
    Query(description="The explanation, or its schedules as a Chrome trace for Perfetto."),
]

router = APIRouter(prefix="/api/evaluation", tags=["previews"], route_class=StrictRoute)


@router.post(
    "/explain",
    response_model=Explanation,
    responses=documented(409, 413, 422, 429, 504),
)
async def explain_plan(
    body: ExplainRequest, request: Request, form: Form = "explanation", client: Client = None
) -> Response:
    """Explains one plan under the request's load: `plan`, or that of a manual evaluation. A plan
    that does not fit or misses a limit is explained too, with the nearest changes that mend it."""
    previews = service_of(request).previews
    if previews is None:
        raise Conflict(OFF)
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    content = await previews.content(
        body.evaluation(),
        zipped=zipped,
        client=client and f"explain {client}",
        answer=traced if form == "trace" else explained,
    )
    coding = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if zipped else None
    return Response(content, media_type="application/json", headers=coding)
