"""The route that says how the service is doing, for people."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from llm_simulator import __version__
from llm_simulator.api.body import StrictRoute
from llm_simulator.api.errors import documented
from llm_simulator.api.tasks import Serving
from llm_simulator.schemas.overview import DatabasePart, Overview, Workers
from llm_simulator.schemas.record import Moment

router = APIRouter(prefix="/api/evaluation", tags=["overview"], route_class=StrictRoute)


@router.get("/overview", responses=documented(422))
async def overview(
    service: Serving, since: Annotated[Moment, Query(description="From when on ends count.")]
) -> Overview:
    """The parts of the service, and how many tasks ended since then, by how they ended."""
    previews = service.previews
    return Overview(
        version=__version__,
        workers=Workers(slots=service.executor.slots, down=service.executor.down),
        previews=previews and Workers(slots=previews.slots, down=previews.down),
        database=DatabasePart(
            kind="postgresql" if service.database.shared else "sqlite",
            down=await service.probe.down(),
        ),
        clients=service.live.clients,
        max_running=service.settings.max_running_tasks,
        ended=await asyncio.to_thread(service.history.ended_since, since),
    )
