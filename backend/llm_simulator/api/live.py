"""The WebSocket route."""

from functools import partial

from fastapi import APIRouter, WebSocket
from pydantic import ValidationError

from llm_simulator.api.errors import unreadable
from llm_simulator.api.service import Service, service_of
from llm_simulator.errors import NotFound
from llm_simulator.live.connection import Opening, Source
from llm_simulator.live.subscription import Subscription
from llm_simulator.schemas.events import Event, TaskEvent

router = APIRouter()


@router.websocket("/ws/tasks")
async def live_tasks(client: WebSocket) -> None:
    """Tells the present state, or what was missed ``since``, then every change."""
    given = {name: value for name, value in client.query_params.items() if value}
    try:
        opening = Opening.model_validate(given)
    except ValidationError as error:
        await client.send_denial_response(unreadable(error))
        return
    service = service_of(client)
    await service.live.serve(client, opening, _source(service))


def _source(service: Service) -> Source:
    return Source(
        present=partial(_present, service),
        since=partial(_since, service),
        newest=partial(_newest, service),
    )


def _newest(service: Service) -> int:
    """The number of the newest event that clients have been told of."""
    return service.live.newest or service.manager.sequence


def _present(service: Service, wanted: Subscription) -> list[TaskEvent]:
    """The active tasks of a subscription; a single task whatever its state."""
    newest = _newest(service)
    tasks = [task for task in service.manager.active() if wanted.covers(task)]
    if tasks or wanted.task_id is None:
        return tasks
    try:
        ended = service.history.task(wanted.task_id)
    except NotFound:
        return []
    told = {name: getattr(ended, name) for name in TaskEvent.model_fields if hasattr(ended, name)}
    event = TaskEvent.model_validate(told | {"sequence": newest})
    return [event] if wanted.covers(event) else []


def _since(service: Service, wanted: Subscription, sequence: int) -> list[Event] | None:
    """The events after this number; None when they are no longer known."""
    return service.manager.events_since(
        sequence, task_id=wanted.task_id, experiment=wanted.experiment
    )
