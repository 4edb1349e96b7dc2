"""Builds the application."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from llm_simulator import __version__
from llm_simulator.api import (
    archive,
    batch,
    compare,
    count,
    docs,
    errors,
    experiments,
    explain,
    health,
    live,
    overview,
    presets,
    preview,
    questions,
    queue,
    retention,
    tasks,
)
from llm_simulator.api.body import BodyLimit
from llm_simulator.api.guard import Guard
from llm_simulator.api.headers import SecurityHeaders
from llm_simulator.api.page import Page, RootPath
from llm_simulator.api.service import running_service
from llm_simulator.api.telemetry import Telemetry
from llm_simulator.observability.metrics import Asked
from llm_simulator.planner.explain.given import PlanGiven
from llm_simulator.planner.specs.pools import ManualPools
from llm_simulator.planner.specs.search import ManualParallelism, SearchConstraints
from llm_simulator.schemas.candidates import CandidatesGiven
from llm_simulator.schemas.events import ClientError, Heartbeat, Snapshot, TaskDeleted, TaskUpdate
from llm_simulator.schemas.exchange import Archive
from llm_simulator.schemas.submission import Inference, Prices
from llm_simulator.schemas.sweep import SweepAxisGiven
from llm_simulator.security.access import host_names
from llm_simulator.settings import Settings

DESCRIPTION = """Which parallel plan, on which chips and topology, serves this model, and how fast.

`WS /ws/tasks` sends a `Snapshot` of the active tasks on connect, then a `TaskUpdate` or
`TaskDeleted` for every change, and a `Heartbeat` when nothing happens. `?since=SEQUENCE` tells what
was missed instead of the snapshot; `?task_id=` and `?experiment=` narrow what is told."""


MESSAGES = (TaskUpdate, TaskDeleted, Snapshot, Heartbeat, ClientError)
PARTS = (
    Archive,
    Inference,
    ManualParallelism,
    ManualPools,
    PlanGiven,
    Prices,
    SearchConstraints,
    SweepAxisGiven,
    CandidatesGiven,
)
ROUTES = (
    archive,
    batch,
    compare,
    tasks,
    preview,
    count,
    explain,
    queue,
    overview,
    experiments,
    questions,
    presets,
    retention,
    live,
    health,
)
GZIP_FROM_BYTES = 1_000
"""Answers below this size gain nothing from being compressed."""


def create_app(settings: Settings) -> FastAPI:
    """The application; nothing is opened or started before its lifespan begins."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running_service(settings) as service:
            app.state.service = service
            service.tracing.instrument(app)
            service.metrics.registry.register(Asked(lambda: health.state_of(service)))
            yield

    app = Application(
        title="Tier6",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        root_path=settings.root_path,
    )
    app.state.settings = settings
    _add_layers(app, settings)
    errors.install(app)
    for part in ROUTES:
        app.include_router(part.router)
    docs.install(app)
    # Not mounted: a mount would answer before the router can say that a method is wrong.
    app.router.default = Page(settings.static_dir)
    app.router.redirect_slashes = False
    return app


def _add_layers(app: FastAPI, settings: Settings) -> None:
    """What every request passes through, from the inside to the outside."""
    larger = {archive.IMPORT_PATH: settings.max_import_bytes}
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes, larger=larger)
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES)
    app.add_middleware(Guard, names=host_names(settings), origins=settings.origins)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=sorted(settings.origins),
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "Content-Type",
            "Authorization",
            "Idempotency-Key",
            "X-Request-Id",
            "X-Preview-Client",
        ],
        expose_headers=["Retry-After", "X-Request-Id", "Content-Disposition"],
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Telemetry)
    app.add_middleware(RootPath, root_path=settings.root_path)


class Application(FastAPI):
    """FastAPI whose OpenAPI document also has the WebSocket's messages and a submission's parts."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            document = super().openapi()
            document["components"]["schemas"] |= _schemas("serialization", MESSAGES)
            document["components"]["schemas"] |= _schemas("validation", PARTS)
        return super().openapi()


def _schemas(mode: JsonSchemaMode, models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    _, definitions = models_json_schema(
        [(model, mode) for model in models], ref_template="#/components/schemas/{model}"
    )
    return definitions["$defs"]
