"""Routes of exports and imports."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.tasks import Serving
from llm_simulator.schemas.exchange import ExportedTable, ExportQuery
from llm_simulator.task_manager.exchange.formats import encoder
from llm_simulator.task_manager.exchange.tables import TABLES

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


def _file(parts: object, media_type: str, name: str) -> StreamingResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(parts, media_type=media_type, headers=disposition)
