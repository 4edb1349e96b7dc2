"""Routes of evaluation tasks."""

import zlib
from datetime import UTC, datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, StreamingResponse

from llm_simulator import __version__
from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.service import Service, serving
from llm_simulator.planner.evaluate import CandidatesRequest, Request, SweepRequest, parse_request
from llm_simulator.planner.results.point_csv import points_csv
from llm_simulator.planner.results.points import PointLayout, PointTable
from llm_simulator.report import Language, html_report
from llm_simulator.schemas.labels import TaskLabels
from llm_simulator.schemas.lists import TaskQuery
from llm_simulator.schemas.submission import ActionResult, SubmitRequest, Submitted
from llm_simulator.schemas.tasks import (
    RunningTask,
    RunningTasks,
    TaskList,
    TaskResults,
    TaskStatus,
)
from llm_simulator.stored.points import GZIP
from llm_simulator.task_manager.rows.submission_keys import key_of, submitted_once
from llm_simulator.task_manager.task_rows import Submission

BYTES = "application/octet-stream"
NOTHING = zlib.compress(b"", wbits=GZIP)
Serving = Annotated[Service, Depends(serving)]

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/api/evaluation", tags=["tasks"], route_class=StrictRoute)


IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]*$",
        description="Any unique text. Within 24 hours the same submission under the same key gives "
        "the task that is there already.",
    ),
]


@router.post("/submit", responses=documented(413, 422, 429))
async def submit_evaluation(
    body: SubmitRequest, service: Serving, idempotency_key: IdempotencyKey = None
) -> Submitted:
    """Stores an evaluation as a pending task; an impossible one is refused and not stored."""
    return await run_in_threadpool(_submitted, body, service, idempotency_key)


def _submitted(body: SubmitRequest, service: Service, idempotency_key: str | None) -> Submitted:
    key = idempotency_key and key_of(idempotency_key, body.model_dump(mode="json"))
    request = parse_request(body.evaluation(), service.catalogue)
    submission = Submission(
        experiment_name=body.experiment_name,
        description=body.description,
        request=request.snapshot(),
        priority=body.priority,
        key=key or None,
        traceparent=service.tracing.traceparent(),
    )
    total = service.manager.plans(request)
    task_id = submitted_once(
        service.database, submission.key, lambda: _stored(service, submission, total)
    )
    return Submitted(task_id=task_id, message=f"Evaluation submitted: {_size(request, total)}.")


def _size(request: Request, total: int | None) -> str:
    points = f" at {request.size:,} points" if isinstance(request, SweepRequest) else ""
    if isinstance(request, CandidatesRequest):
        points = f" for {request.candidates.size:,} hypothetical chips"
    if total is None:
        return f"its plans{points} are still being counted"
    plans = "1 plan" if total == 1 else f"{total:,} plans"
    return f"{plans}{points} to evaluate"


def _stored(service: Service, submission: Submission, plans: int | None) -> str:
    """The id of the new task; raises QueueFull."""
    task_id = service.manager.submit(submission)
    log.info("task_submitted", task_id=task_id, plans=plans)
    return task_id


@router.get("/tasks", responses=documented(422))
def tasks(service: Serving, query: Annotated[TaskQuery, Query()]) -> TaskList:
    """One page of tasks, newest first unless asked otherwise."""
    return service.history.tasks(query)


@router.get("/running", responses=documented())
def running_tasks(service: Serving) -> RunningTasks:
    """All pending and running tasks, oldest first."""
    tasks = service.history.active()
    return RunningTasks(tasks=[RunningTask.model_validate(task) for task in tasks])


@router.get("/tasks/{task_id}", responses=documented(404))
def task_status(task_id: str, service: Serving) -> TaskStatus:
    """One task's present state."""
    return service.history.task(task_id)


@router.get("/tasks/{task_id}/results", responses=documented(404))
def task_results(task_id: str, service: Serving) -> TaskResults:
    """A task's plans; while it runs the best so far, with ``partial`` true."""
    return service.manager.results(task_id)


@router.get("/tasks/{task_id}/points", responses=documented(404))
def task_points(task_id: str, service: Serving) -> PointLayout:
    """What `points/data` has: every feasible plan at every concurrency, not only the best. No
    points while a task runs, of sweeps, and of imported tasks."""
    return service.history.points(task_id)


@router.get(
    "/tasks/{task_id}/points/data",
    responses=documented(404) | {200: {"content": {BYTES: {}}}},
    response_class=Response,
)
def task_point_data(
    task_id: str, service: Serving, accept_encoding: Annotated[str, Header()] = ""
) -> Response:
    """The columns that `points` describes, one after the other, little-endian."""
    data = service.history.point_data(task_id) or NOTHING
    if "gzip" not in accept_encoding:
        return Response(zlib.decompress(data, GZIP), media_type=BYTES)
    coding = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(data, media_type=BYTES, headers=coding)


@router.get(
    "/tasks/{task_id}/points/csv", responses=documented(404), response_class=StreamingResponse
)
def task_points_csv(task_id: str, service: Serving) -> StreamingResponse:
    """The same points as CSV, a line for each."""
    layout = service.history.points(task_id)
    data = zlib.decompress(service.history.point_data(task_id) or NOTHING, GZIP)
    name = f"tier6-points-{task_id}.csv"
    return StreamingResponse(
        points_csv(PointTable(layout=layout, data=data)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get(
    "/tasks/{task_id}/report",
    responses=documented(404, 422) | {200: {"content": {"text/html": {}}}},
    response_class=Response,
)
def task_report(
    task_id: str, service: Serving, language: Language = Language.ENGLISH
) -> HTMLResponse:
    """The result as one HTML file that opens anywhere and prints: question, answer, ranked plans
    with their intervals, time and memory of the best one, assumptions, warnings. In Chinese
    (``language=zh``), sentences that there are only in English are marked as such."""
    results = service.manager.results(task_id)
    report = html_report(
        results,
        results.request,
        title=results.experiment_name,
        version=__version__,
        made=datetime.now(UTC),
        task_id=task_id,
        language=language,
    )
    name = f"tier6-report-{task_id}.html"
    return HTMLResponse(report, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/tasks/{task_id}/cancel", responses=documented(404, 409))
def cancel_task(task_id: str, service: Serving) -> ActionResult:
    """Ends a pending or running task and its computation."""
    service.manager.cancel(task_id)
    return ActionResult(success=True, message="Task cancelled.")


@router.patch("/tasks/{task_id}", responses=documented(404, 413, 422))
def change_task(task_id: str, body: TaskLabels, service: Serving) -> TaskStatus:
    """Tags or pins a task."""
    service.labels.label_task(task_id, body)
    return service.history.task(task_id)


@router.delete("/tasks/{task_id}", responses=documented(404))
def delete_task(task_id: str, service: Serving) -> ActionResult:
    """Removes a task with its results; a running one is cancelled first."""
    service.manager.delete(task_id)
    return ActionResult(success=True, message="Task deleted.")
