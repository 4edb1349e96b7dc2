"""Routes of exports and imports."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.experiments import ExperimentId
from llm_simulator.api.tasks import Serving
from llm_simulator.schemas.exchange import ExportedTable, ExportQuery, Imported
from llm_simulator.task_manager.exchange.archive import archive
from llm_simulator.task_manager.exchange.formats import encoder
from llm_simulator.task_manager.exchange.restore import restored
from llm_simulator.task_manager.exchange.tables import TABLES

IMPORT_PATH = "/api/evaluation/experiments/import"
DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Archive"}}},
    }
}

router = APIRouter(prefix="/api/evaluation", tags=["exchange"], route_class=StrictRoute)


@router.get("/export/{table}", responses=documented(422), response_class=StreamingResponse)
def export(
    table: ExportedTable, service: Serving, query: Annotated[ExportQuery, Query()]
) -> StreamingResponse:
    """Tasks, their results, or experiments as a file: JSON, CSV or Parquet."""
    media_type, encode = encoder(query.format)
    exported = TABLES[table]
    parts = encode(exported, exported.rows(service.database, query))
    return _file(parts, media_type, f"tier6-{exported.name}.{query.format}")


@router.get(
    "/experiments/{experiment_id}/export",
    responses=documented(404, 422),
    response_class=StreamingResponse,
)
def export_experiment(experiment_id: ExperimentId, service: Serving) -> StreamingResponse:
    """An experiment with all that is stored of it, as a document that can be imported."""
    parts = archive(service.database, experiment_id)
    return _file(parts, "application/json", f"tier6-experiment-{experiment_id}.json")


@router.post("/experiments/import", responses=documented(413, 422), openapi_extra=DOCUMENT)
async def import_experiment(request: Request, service: Serving) -> Imported:
    """Stores an exported experiment here, all or nothing; it starts no computation."""
    document = await request.body()
    async with service.importing:
        return await run_in_threadpool(
            restored,
            service.database,
            document,
            service.catalogue,
            most_tasks=service.settings.max_import_tasks,
        )


def _file(parts: Iterator[bytes], media_type: str, name: str) -> StreamingResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(parts, media_type=media_type, headers=disposition)
