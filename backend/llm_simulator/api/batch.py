"""The route that does one action with many tasks."""

from fastapi import APIRouter

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented, meaning
from llm_simulator.api.tasks import Serving
from llm_simulator.errors import Conflict, NotFound
from llm_simulator.schemas.batch import Action, Batch, BatchItem, BatchResult
from llm_simulator.task_manager.manager import TaskManager

DONE = {
    Action.CANCEL: "Task cancelled.",
    Action.DELETE: "Task deleted.",
    Action.RETRY: "Task waits again.",
    Action.SET_PRIORITY: "Priority changed.",
}

router = APIRouter(prefix="/api/evaluation", tags=["tasks"], route_class=StrictRoute)


@router.post("/tasks/batch", responses=documented(413, 422))
def batch(body: Batch, service: Serving) -> BatchResult:
    """Does the action with each task by itself; one that fails does not hold up the others."""
    items = [_item(service.manager, body, task_id) for task_id in dict.fromkeys(body.task_ids)]
    succeeded = sum(item.success for item in items)
    return BatchResult(results=items, succeeded=succeeded, failed=len(items) - succeeded)


def _item(manager: TaskManager, body: Batch, task_id: str) -> BatchItem:
    try:
        _act(manager, body, task_id)
    except (NotFound, Conflict) as error:
        _, code = meaning(error)
        return BatchItem(task_id=task_id, success=False, code=code, message=str(error))
    return BatchItem(task_id=task_id, success=True, code=None, message=DONE[body.action])


def _act(manager: TaskManager, body: Batch, task_id: str) -> None:
    match body.action:
        case Action.CANCEL:
            manager.cancel(task_id)
        case Action.DELETE:
            manager.delete(task_id)
        case Action.RETRY:
            manager.retry(task_id)
        case Action.SET_PRIORITY:
            assert body.priority is not None
            manager.set_priority(task_id, body.priority)
