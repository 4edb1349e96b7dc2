"""What operators see: health, readiness, metrics, logs, traces."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psycopg
import sqlalchemy
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import make_url
from websockets.sync.client import connect

from llm_simulator.database import Database
from llm_simulator.observability.metrics import Metrics
from llm_simulator.observability.readiness import DatabaseProbe
from llm_simulator.schemas.states import TaskState
from tests.service.running_server import RunningServer, client_of, eventually
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, ended, refused, submitted
from tests.service.test_live import received
from tests.service.test_send_queue import event, gone


def scraped(client: httpx.Client) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample of a scrape by name and the values of its labels."""
    answer = client.get("/metrics").raise_for_status()
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_metrics_count_what_happened(client: httpx.Client, server: RunningServer) -> None:
    before = scraped(client)
    with connect(server.ws_url) as live:
        received(live)
        task_id = submitted(client, quick("counted"))
        done = ended(client, task_id)
        eventually(lambda: scraped(client) != before, "a scrape sees the task")
        after = scraped(client)

    def grown(name: str, *labels: str) -> float:
        return after[name, labels] - before.get((name, labels), 0)

    assert grown("tier6_tasks_ended_total", "completed") == 1
    assert grown("tier6_task_seconds_count", "completed") == 1
    assert grown("tier6_task_wait_seconds_count") == 1
    assert grown("tier6_plans_evaluated_total") == done["search_stats"]["total_plans"]
    assert grown("tier6_tasks", "completed") == 1
    assert grown("tier6_call_seconds_count", "evaluate_chunk", "done") >= 1
    assert grown("tier6_websocket_clients") == 1
    assert grown("tier6_websocket_events_total") >= 3
    assert after["tier6_database_up", ()] == after["tier6_executor_up", ()] == 1
    template = ("GET", f"{EVALUATION}/tasks/{{task_id}}", "200")
    assert grown("tier6_http_request_seconds_count", *template) >= 1
    assert not any(task_id in labels for _, labels in after)


def test_metrics_forget_tasks_that_have_ended() -> None:
    metrics = Metrics()
    for n in range(100):
        metrics.told(event(str(n), 1, TaskState.PENDING))
        metrics.told(event(str(n), 2, TaskState.RUNNING))
        metrics.told(gone(str(n), 3) if n % 2 else event(str(n), 3, TaskState.FAILED))
        metrics.told(gone(str(n), 4))
    assert not metrics._lives
    assert b'tier6_tasks_ended_total{status="failed"} 50.0' in metrics.exposition()


def test_every_answer_has_its_request_s_id(client: httpx.Client) -> None:
    mine = client.get("/healthz", headers={"X-Request-Id": "from-a-caller.1"})
    assert mine.headers["x-request-id"] == "from-a-caller.1"
    ids = {client.get("/healthz", headers={"X-Request-Id": "bad id"}).headers["x-request-id"]}
    ids.add(client.get("/api/nothing").headers["x-request-id"])
    assert len(ids) == 2
    assert all(len(one) == 32 for one in ids)


def test_readiness_costs_one_query_a_second_however_many_ask(database: Database) -> None:
    asked: list[str] = []

    def noted(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    async def ask() -> set[str | None]:
        probe = DatabaseProbe(database)
        return set(await asyncio.gather(*(probe.down() for _ in range(1_000))))

    sqlalchemy.event.listen(database.engine, "before_cursor_execute", noted)
    assert asyncio.run(ask()) == {None}
    assert 1 <= asked.count("SELECT 1") < 10


class OwnDatabase:
    """A database of the test's own, which it can shut and open again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._run("CREATE DATABASE watched")
        watched = make_url(url).set(database="watched")
        self.url = watched.render_as_string(hide_password=False)

    def shut(self) -> None:
        """Ends all connections and allows no new ones."""
        self._run("ALTER DATABASE watched ALLOW_CONNECTIONS false")
        self._run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='watched'")

    def open(self) -> None:
        """Allows connections again."""
        self._run("ALTER DATABASE watched ALLOW_CONNECTIONS true")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def killed_at_the_end(server: RunningServer) -> Iterator[RunningServer]:
    """The server, for as long as the block runs."""
    try:
        yield server
    finally:
        server.kill()


def test_a_database_that_is_gone_makes_503_and_comes_back(
    postgresql_url: str, tmp_path: Path
) -> None:
    database = OwnDatabase(postgresql_url)
    logs = {"TIER6_LOG_FORMAT": "json", "TIER6_LOG_LEVEL": "debug", "TIER6_WORKERS": "1"}
    server = RunningServer(tmp_path / "data", TIER6_DATABASE_URL=database.url, **logs)
    with killed_at_the_end(server), client_of(server) as client:
        assert client.get("/readyz").json() == {"status": "ready", "reasons": []}
        headers = {"X-Request-Id": "of-the-task"}
        answer = client.post(f"{EVALUATION}/submit", json=quick("logged"), headers=headers)
        task_id = answer.json()["task_id"]
        ended(client, task_id)
        database.shut()
        eventually(lambda: client.get("/readyz").status_code == 503, "it is noticed")
        unready = client.get("/readyz")
        assert (unready.status_code, unready.json()["reasons"]) == (
            503,
            ["The database does not answer."],
        )
        gone = client.get(f"{EVALUATION}/tasks", headers={"X-Request-Id": "refused-one"})
        refused(gone, 503, "unavailable")
        assert int(gone.headers["retry-after"]) > 0
        assert gone.headers["x-content-type-options"] == "nosniff"
        assert scraped(client)["tier6_database_up", ()] == 0
        assert client.get("/healthz").status_code == 200
        database.open()
        eventually(lambda: client.get("/readyz").status_code == 200, "the database is back")
        assert ended(client, task_id)["status"] == "completed"
        # Not killed: Python's own resource tracker would complain into the log.
        assert server.stop() == 0
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {"of-the-task"} == {
        x["request_id"] for x in lines if x.get("task_id") == task_id and "request_id" in x
    }
    [failure] = [x for x in lines if x.get("request_id") == "refused-one" and "exception" in x]
    assert failure["event"] == "database_unreachable"


class Collector(ThreadingHTTPServer):
    """Takes in spans as OpenTelemetry's collectors do."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Export)
        self.spans: list[Any] = []

    @property
    def url(self) -> str:
        """Where to send spans."""
        return f"http://127.0.0.1:{self.server_port}"


class _Export(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Collector)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def test_a_request_and_the_task_it_submits_are_one_trace(tmp_path: Path) -> None:
    traced = {"TIER6_TRACING": "true", "TIER6_WORKERS": "1"}
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        address = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        server = RunningServer(tmp_path, **traced, **address)
        with killed_at_the_end(server), client_of(server) as client:
            caller = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
            answer = client.post(f"{EVALUATION}/submit", json=quick("traced"), headers=caller)
            task_id = answer.json()["task_id"]
            ended(client, task_id)
            client.get("/healthz")
            assert server.stop() == 0
        collector.shutdown()
    spans = {span.name: span for span in collector.spans}
    request, task = spans[f"POST {EVALUATION}/submit"], spans["task"]
    assert request.trace_id == task.trace_id == bytes.fromhex("a" * 32)
    assert request.parent_span_id == bytes.fromhex("b" * 16)
    assert task.parent_span_id == request.span_id
    attributes = {pair.key: pair.value.string_value for pair in task.attributes}
    assert attributes["tier6.task_id"] == task_id
    assert attributes["tier6.status"] == "completed"
    assert task.events[-1].name == "completed"
    assert not any("healthz" in name or "http send" in name for name in spans)
