"""The parts of a running service, and how they start and stop together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from fastapi.requests import HTTPConnection

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.database import Database
from llm_simulator.executors.choice import executor_of
from llm_simulator.executors.executor import Executor
from llm_simulator.executors.local import LocalExecutor
from llm_simulator.executors.previews import Previews, warm_up
from llm_simulator.live.webhook import Webhook
from llm_simulator.migrations import upgrade
from llm_simulator.observability.metered import MeteredExecutor
from llm_simulator.observability.metrics import Metrics
from llm_simulator.observability.readiness import DatabaseProbe
from llm_simulator.observability.tracing import Tracing, tracing_of
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.security.authentication import TokenAuthenticator
from llm_simulator.security.tokens import TokenStore
from llm_simulator.settings import Settings
from llm_simulator.task_manager.history.labels import Labels
from llm_simulator.task_manager.history.queries import History
from llm_simulator.task_manager.history.retention import Retention
from llm_simulator.task_manager.identity import Identity, identity_in
from llm_simulator.task_manager.manager import Scheduling, TaskManager
from llm_simulator.websocket_manager import WebSocketManager

TASK_CONNECTIONS = 20
"""Database connections of the task manager, which no request can use up."""


@dataclass(frozen=True)
class Service:
    """What the routes work with."""

    settings: Settings
    catalogue: Catalogue
    database: Database
    authenticator: TokenAuthenticator
    history: History
    executor: Executor
    labels: Labels
    manager: TaskManager
    live: WebSocketManager
    metrics: Metrics
    probe: DatabaseProbe
    tracing: Tracing
    webhook: Webhook | None
    """None where no address is configured."""
    previews: Previews | None
    """None where they are switched off."""
    importing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the one import that is read and stored; others wait without a thread."""


@asynccontextmanager
async def running_service(settings: Settings) -> AsyncIterator[Service]:
    """The service on its database, until the block ends; raises Conflict if that is taken."""
    with identity_in(settings.data_dir) as identity:
        async with _running(settings, identity) as service:
            yield service


@asynccontextmanager
async def _running(settings: Settings, identity: Identity) -> AsyncIterator[Service]:
    async with AsyncExitStack() as ends:
        tracing = tracing_of(wanted=settings.tracing)
        ends.push_async_callback(asyncio.to_thread, tracing.close)
        database = await asyncio.to_thread(Database.open, settings.url)
        ends.callback(database.close)
        await asyncio.to_thread(upgrade, database)
        # Before any process is started: one that ends while it starts prints a trace of its own.
        await asyncio.to_thread(database.prove_writable)
        authenticator = await asyncio.to_thread(_authenticator, settings, database)
        executor = await asyncio.to_thread(executor_of, settings)
        ends.push_async_callback(asyncio.to_thread, executor.close)
        of_tasks = database.with_own_pool(TASK_CONNECTIONS)
        ends.callback(of_tasks.close)
        previews = await ends.enter_async_context(_running_previews(settings))
        service = _service(
            settings, database, of_tasks, executor, previews, tracing, identity, authenticator
        )
        if service.webhook is not None:
            service.webhook.start()
            ends.push_async_callback(asyncio.to_thread, service.webhook.stop)
        await asyncio.to_thread(service.manager.start)
        ends.push_async_callback(asyncio.to_thread, service.manager.shutdown)
        retention = Retention(database, settings.retention_days, service.manager.changed)
        retention.start()
        ends.push_async_callback(asyncio.to_thread, retention.stop)
        refreshing = asyncio.create_task(authenticator.keep_refreshed())
        ends.callback(refreshing.cancel)
        yield service


def _authenticator(settings: Settings, database: Database) -> TokenAuthenticator:
    """Knows who may come in; raises InvalidInput when that would be everybody on the network."""
    tokens = TokenStore(database)
    tokens.import_file(settings.data_dir)
    authenticator = TokenAuthenticator(tokens, settings)
    authenticator.start()
    return authenticator


@asynccontextmanager
async def _running_previews(settings: Settings) -> AsyncIterator[Previews | None]:
    """Previews with workers of their own, until the block ends: tasks must not delay sliders."""
    if not settings.preview_workers:
        yield None
        return
    executor = LocalExecutor(settings.preview_workers, niceness=0, warm_up=warm_up)
    try:
        yield Previews(
            executor,
            evaluations=settings.preview_evaluations,
            queue=settings.preview_queue,
            seconds=settings.preview_seconds,
        )
    finally:
        await asyncio.to_thread(executor.close)


def _service(
    settings: Settings,
    database: Database,
    of_tasks: Database,
    engine: Executor,
    previews: Previews | None,
    tracing: Tracing,
    identity: Identity,
    authenticator: TokenAuthenticator,
) -> Service:
    metrics = Metrics()
    executor = MeteredExecutor(engine, metrics.calls)
    history = History(database)
    live = WebSocketManager(
        asyncio.get_running_loop(),
        heartbeat=settings.heartbeat_seconds,
        capacity=settings.websocket_queue,
        most_clients=settings.max_websockets,
    )
    webhook = Webhook(settings.webhook_url) if settings.webhook_url else None
    manager = TaskManager(
        database=of_tasks,
        history=History(of_tasks),
        executor=executor,
        scheduling=Scheduling(
            max_running=settings.max_running_tasks,
            max_queued=settings.max_queued_tasks,
            max_plans=settings.max_search_plans,
            chunk_timeout=settings.chunk_timeout_seconds,
            ageing_seconds=settings.ageing_seconds,
            lease_seconds=settings.lease_seconds,
        ),
        subscribers=[
            live.publish,
            metrics.told,
            tracing.told,
            *([] if webhook is None else [webhook.publish]),
        ],
        began=lambda task: tracing.began(task.task_id, task.experiment_name, task.traceparent),
        identity=identity,
    )
    return Service(
        settings=settings,
        catalogue=builtin_catalogue(),
        database=database,
        authenticator=authenticator,
        history=history,
        executor=executor,
        labels=Labels(database),
        manager=manager,
        live=live,
        metrics=metrics,
        probe=DatabaseProbe(database),
        tracing=tracing,
        webhook=webhook,
        previews=previews,
    )


def service_of(connection: HTTPConnection) -> Service:
    """The service behind a request or WebSocket."""
    return connection.app.state.service


async def serving(connection: HTTPConnection) -> Service:
    """``service_of`` as a dependency: what is not async, FastAPI calls in a thread of its own."""
    return service_of(connection)
