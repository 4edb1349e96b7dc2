"""The webhook against a real HTTP server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.live.webhook import Webhook
from llm_simulator.schemas.events import TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.settings import settings_of
from tests.service.running_server import RunningServer, client_of, eventually
from tests.service.submissions import quick


class Receiver:
    """Answers with the statuses given, then with 200, and keeps what it was told."""

    def __init__(self, *statuses: int) -> None:
        self.told: list[dict[str, Any]] = []
        self.paths: list[str] = []
        answers = iter(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                receiver.told.append(json.loads(self.rfile.read(length)))
                receiver.paths.append(self.path)
                self.send_response(next(answers, 200))
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def receivers() -> Iterator[list[Receiver]]:
    """Those that a test opens, closed at its end."""
    opened: list[Receiver] = []
    yield opened
    for receiver in opened:
        receiver.close()


def event(status: TaskState, task_id: str = "a") -> TaskUpdate:
    return TaskUpdate(
        task_id=task_id,
        experiment_name="hooked",
        status=status,
        progress=100.0,
        message="",
        error=None,
        search_stats=None,
        sequence=1,
    )


def told(receiver: Receiver, *events: TaskUpdate, posts: int) -> list[dict[str, Any]]:
    """What the receiver got of these events, and of one last one."""
    webhook = Webhook(receiver.url, waits=(0.01, 0.01))
    webhook.start()
    for one in (*events, event(TaskState.COMPLETED, "last")):
        webhook.publish(one)
    eventually(lambda: len(receiver.told) >= posts, "all is told")
    webhook.stop()
    return receiver.told


def test_only_ends_are_told(receivers: list[Receiver]) -> None:
    receivers.append(Receiver())
    found = told(receivers[0], event(TaskState.RUNNING), event(TaskState.FAILED), posts=2)
    assert [(one["event"], one["status"]) for one in found] == [
        ("task_ended", "failed"),
        ("task_ended", "completed"),
    ]


def test_an_address_that_stumbles_is_tried_again_and_one_that_refuses_is_not(
    receivers: list[Receiver],
) -> None:
    receivers += [Receiver(503, 500), Receiver(404)]
    again = told(receivers[0], event(TaskState.COMPLETED), posts=4)
    assert [one["task_id"] for one in again] == ["a", "a", "a", "last"]
    refused = told(receivers[1], event(TaskState.COMPLETED), posts=2)
    assert [one["task_id"] for one in refused] == ["a", "last"]


def test_a_redirect_is_not_followed(receivers: list[Receiver]) -> None:
    receivers.append(Receiver(302))
    told(receivers[0], event(TaskState.COMPLETED), posts=2)
    assert receivers[0].paths == ["/hook", "/hook"]


def test_the_service_tells_the_end_of_a_task(receivers: list[Receiver], tmp_path: Path) -> None:
    receivers.append(Receiver())
    server = RunningServer(tmp_path / "data", TIER6_WORKERS="1", TIER6_WEBHOOK_URL=receivers[0].url)
    try:
        with client_of(server) as client:
            body = quick(search_mode="manual", manual_parallelism={"tp": 8})
            task = client.post("/api/evaluation/submit", json=body).json()["task_id"]
            eventually(lambda: receivers[0].told, "the end is told")
        assert receivers[0].told[0]["task_id"] == task
        assert receivers[0].told[0]["status"] == "completed"
    finally:
        server.kill()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "example.org", "ftp://example.org/"])
def test_only_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(InvalidInput, match="webhook_url"):
        settings_of(webhook_url=url)
