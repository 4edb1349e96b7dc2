"""Routes of the queue: who is next, and what changes that."""

from typing import Annotated

from fastapi import APIRouter, Query

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.tasks import Serving
from llm_simulator.schemas.queue import Move, PriorityChange, Queue
from llm_simulator.schemas.submission import ActionResult

Limit = Annotated[int, Query(ge=1, le=1000)]

router = APIRouter(prefix="/api/evaluation", tags=["queue"], route_class=StrictRoute)


@router.get("/queue", responses=documented(422))
def queue(service: Serving, limit: Limit = 100) -> Queue:
    """Running tasks, and the first pending ones with position and estimated start."""
    return service.manager.queue(limit=limit)


@router.post("/queue/pause", responses=documented())
def pause_queue(service: Serving) -> ActionResult:
    """Lets no pending task start, also after a restart; running ones go on."""
    service.manager.pause()
    return ActionResult(success=True, message="Queue paused.")


@router.post("/queue/resume", responses=documented())
def resume_queue(service: Serving) -> ActionResult:
    """Lets pending tasks start again."""
    service.manager.resume()
    return ActionResult(success=True, message="Queue resumed.")


@router.post("/tasks/{task_id}/priority", responses=documented(404, 409, 413, 422))
def change_priority(task_id: str, body: PriorityChange, service: Serving) -> ActionResult:
    """Changes when a pending or running task has its turn."""
    service.manager.set_priority(task_id, body.priority)
    return ActionResult(success=True, message=f"Priority is now {body.priority}.")


@router.post("/tasks/{task_id}/move", responses=documented(404, 409, 413, 422))
def move_task(task_id: str, body: Move, service: Serving) -> ActionResult:
    """Puts a waiting task before another one or at the queue's end.

    Waiting counts on from there; its priority follows its neighbours where theirs contradicts it.
    """
    service.manager.move(task_id, body.before)
    return ActionResult(success=True, message="Task moved.")


@router.post("/tasks/{task_id}/retry", responses=documented(404, 409))
def retry_task(task_id: str, service: Serving) -> ActionResult:
    """Puts a failed or cancelled task back into the queue."""
    service.manager.retry(task_id)
    return ActionResult(success=True, message="Task waits to run again.")
