"""The WebSocket route and the health check."""

from typing import Literal

from fastapi import APIRouter, WebSocket

from llm_simulator import __version__
from llm_simulator.api.service import service_of
from llm_simulator.schemas.record import Record

router = APIRouter()


class Health(Record):
    """That the service answers, and which version it is."""

    status: Literal["ok"]
    version: str


@router.get("/healthz", tags=["health"])
async def health() -> Health:
    """Answers from the event loop itself: it stays quick however busy the workers are."""
    return Health(status="ok", version=__version__)


@router.websocket("/ws/tasks")
async def live_tasks(client: WebSocket) -> None:
    """Sends a snapshot of the active tasks, then every change of any task."""
    service = service_of(client)
    await service.live.serve(client, service.manager.active)
