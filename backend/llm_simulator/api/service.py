"""The parts of a running service, and how they start and stop together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi.requests import HTTPConnection

from llm_simulator.catalogue import Catalogue
from llm_simulator.database import Database
from llm_simulator.executors.local import LocalExecutor
from llm_simulator.migrations import upgrade
from llm_simulator.settings import Settings
from llm_simulator.task_manager.history import History
from llm_simulator.task_manager.labels import Labels
from llm_simulator.task_manager.manager import TaskManager
from llm_simulator.task_manager.retention import Retention
from llm_simulator.task_manager.store import TaskStore
from llm_simulator.websocket_manager import WebSocketManager

WARM_MODULES = ("llm_simulator.executors.envelope",)


@dataclass(frozen=True)
class Service:
    """What the routes work with."""

    settings: Settings
    catalogue: Catalogue
    database: Database
    history: History
    labels: Labels
    manager: TaskManager
    live: WebSocketManager


@asynccontextmanager
async def running_service(settings: Settings) -> AsyncIterator[Service]:
    """The service on its database, until the block ends; raises Conflict if that is taken."""
    database = await asyncio.to_thread(Database.open, settings.url)
    try:
        await asyncio.to_thread(upgrade, database)
        executor = LocalExecutor(settings.workers, WARM_MODULES)
        try:
            service = _service(settings, database, executor)
            await asyncio.to_thread(service.manager.start)
            retention = Retention(database, settings.retention_days)
            retention.start()
            try:
                yield service
            finally:
                await asyncio.to_thread(retention.stop)
                await asyncio.to_thread(service.manager.shutdown)
        finally:
            await asyncio.to_thread(executor.close)
    finally:
        database.close()


def _service(settings: Settings, database: Database, executor: LocalExecutor) -> Service:
    history = History(database)
    live = WebSocketManager(asyncio.get_running_loop(), settings.origins)
    manager = TaskManager(
        store=TaskStore(database),
        history=history,
        executor=executor,
        max_running=settings.max_running_tasks,
        subscribers=[live.publish],
    )
    return Service(
        settings=settings,
        catalogue=Catalogue.builtin(),
        database=database,
        history=history,
        labels=Labels(database),
        manager=manager,
        live=live,
    )


def service_of(connection: HTTPConnection) -> Service:
    """The service behind a request or WebSocket."""
    return connection.app.state.service
