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
    docs,
    errors,
    experiments,
    live,
    presets,
    retention,
    tasks,
)
from llm_simulator.api.body import BodyLimit
from llm_simulator.api.page import Page
from llm_simulator.api.service import running_service
from llm_simulator.schemas.events import Snapshot, TaskDeleted, TaskUpdate
from llm_simulator.schemas.exchange import Archive
from llm_simulator.schemas.submission import Inference
from llm_simulator.settings import Settings
from llm_simulator.specs.search import ManualParallelism, SearchConstraints

DESCRIPTION = """Which parallel plan, on which chips and topology, serves this model, and how fast.

`WS /ws/tasks` sends a `Snapshot` of the active tasks on connect, then a `TaskUpdate` or
`TaskDeleted` for every change."""


MESSAGES = (TaskUpdate, TaskDeleted, Snapshot)
PARTS = (Archive, Inference, ManualParallelism, SearchConstraints)
GZIP_FROM_BYTES = 1_000
"""Answers below this size gain nothing from being compressed."""


def create_app(settings: Settings) -> FastAPI:
    """The application; nothing is opened or started before its lifespan begins."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running_service(settings) as service:
            app.state.service = service
            yield

    app = Application(
        title="Tier6",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    larger = {archive.IMPORT_PATH: settings.max_import_bytes}
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes, larger=larger)
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=sorted(settings.origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Content-Type", "Idempotency-Key"],
    )
    errors.install(app)
    for part in (archive, batch, compare, tasks, experiments, presets, retention, live):
        app.include_router(part.router)
    docs.install(app)
    app.mount("/", Page(settings.static_dir), name="page")
    return app


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
