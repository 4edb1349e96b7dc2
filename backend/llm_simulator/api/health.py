"""Whether the process lives, whether it can serve, and how it has been doing."""

from collections.abc import Iterator
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy.exc import SQLAlchemyError

from llm_simulator import __version__
from llm_simulator.api.errors import RETRY_AFTER, documented
from llm_simulator.api.service import Service
from llm_simulator.api.tasks import Serving
from llm_simulator.observability.metrics import CONTENT_TYPE
from llm_simulator.schemas.record import Record

router = APIRouter(tags=["health"])


class Health(Record):
    """That the service answers, and which version it is."""

    status: Literal["ok"]
    version: str


class Readiness(Record):
    """Whether requests can be served and tasks run, and if not, why."""

    status: Literal["ready", "not_ready"]
    reasons: list[str]


@router.get("/healthz")
async def health() -> Health:
    """Answers from the event loop itself: it stays quick however busy the workers are."""
    return Health(status="ok", version=__version__)


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Not ready."}},
)
async def readiness(service: Serving) -> Readiness | JSONResponse:
    """Whether the database answers and takes changes, and the workers take calls."""
    reasons = [why for why in (await service.probe.down(), service.executor.down) if why]
    if not reasons:
        return Readiness(status="ready", reasons=[])
    body = Readiness(status="not_ready", reasons=reasons).model_dump()
    return JSONResponse(body, 503, RETRY_AFTER)


@router.get("/metrics", response_class=Response, responses=documented())
def metrics(service: Serving) -> Response:
    """Metrics in Prometheus' text format."""
    return Response(service.metrics.exposition(), media_type=CONTENT_TYPE)


def state_of(service: Service) -> Iterator[Metric]:
    """What is true now, as metrics; without the queue when the database does not answer."""
    build = GaugeMetricFamily(
        "tier6_build", "Always 1; the version is its label.", None, ["version"]
    )
    build.add_metric([__version__], 1)
    yield build
    yield from _queue(service)
    yield GaugeMetricFamily("tier6_worker_slots", "Calls that run at once.", service.executor.slots)
    up = service.executor.down is None
    yield GaugeMetricFamily("tier6_executor_up", "Whether workers take calls.", up)
    yield from _websockets(service)


def _queue(service: Service) -> Iterator[Metric]:
    up = GaugeMetricFamily("tier6_database_up", "Whether the database answers.")
    tasks = GaugeMetricFamily("tier6_tasks", "Stored tasks by state.", labels=["status"])
    try:
        for state, count in service.history.counts().items():
            tasks.add_metric([state], count)
        up.add_metric([], 1)
    except SQLAlchemyError:
        up.add_metric([], 0)
    yield up
    yield tasks


def _websockets(service: Service) -> Iterator[Metric]:
    counts = service.live.counts
    yield GaugeMetricFamily("tier6_websocket_clients", "Connected now.", service.live.clients)
    for name, meaning, value in (
        ("events", "Events put into the clients' send queues.", counts.events),
        ("coalesced", "Progress replaced by newer before it was sent.", counts.coalesced),
        ("overflows", "Send queues emptied for a client too far behind.", counts.overflows),
        ("dropped_clients", "Clients dropped for not reading.", counts.dropped_clients),
    ):
        yield CounterMetricFamily(f"tier6_websocket_{name}", meaning, value)
