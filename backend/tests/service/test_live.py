"""The WebSocket, over real sockets."""

import json
import socket
import time
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.service.running_server import PATIENCE, RunningServer
from tests.service.submissions import long, quick
from tests.service.test_api import EVALUATION, submitted, task

FINAL = ("completed", "failed", "cancelled")


def received(live: ClientConnection) -> dict[str, Any]:
    """The next message."""
    return json.loads(live.recv(PATIENCE))


def until_ended(live: ClientConnection, task_id: str) -> list[dict[str, Any]]:
    """Every update of a task up to its last."""
    updates: list[dict[str, Any]] = []
    while not updates or updates[-1]["status"] not in FINAL:
        message = received(live)
        if message.get("task_id") == task_id:
            updates.append(message)
    return updates


def test_every_client_sees_a_task_in_order_to_its_end(
    client: httpx.Client, server: RunningServer
) -> None:
    with connect(server.ws_url) as one, connect(server.ws_url) as other:
        assert received(one)["type"] == received(other)["type"] == "snapshot"
        started = time.monotonic()
        task_id = submitted(client, long("watched"))
        seen = [until_ended(live, task_id) for live in (one, other)]
        seconds = time.monotonic() - started
    for updates in seen:
        assert {update["type"] for update in updates} == {"task_update"}
        assert [u["sequence"] for u in updates] == sorted({u["sequence"] for u in updates})
        progress = [update["progress"] for update in updates]
        assert progress == sorted(progress)
        assert len(set(progress)) > 2
        assert updates[-1]["status"] == "completed"
        assert updates[-1]["experiment_name"] == "watched"
        # Twenty a second at most, and the one that was the first.
        assert len(updates) <= 20 * seconds + 2
    stored = task(client, task_id)
    assert seen[0][-1]["search_stats"] == stored["search_stats"]


def test_a_new_client_is_told_what_runs(client: httpx.Client, server: RunningServer) -> None:
    task_id = submitted(client, long("running"))
    with connect(server.ws_url) as live:
        snapshot = received(live)
        [told] = [item for item in snapshot["tasks"] if item["task_id"] == task_id]
        assert told["status"] in ("pending", "running")
        assert told["experiment_name"] == "running"
        client.post(f"{EVALUATION}/tasks/{task_id}/cancel").raise_for_status()
        updates = until_ended(live, task_id)
    assert updates[-1]["status"] == "cancelled"
    assert all(update["sequence"] > told["sequence"] for update in updates)


def test_a_deleted_task_is_told(client: httpx.Client, server: RunningServer) -> None:
    with connect(server.ws_url) as live:
        received(live)
        task_id = submitted(client, long("deleted while running"))
        client.delete(f"{EVALUATION}/tasks/{task_id}").raise_for_status()
        message = received(live)
        while message["type"] != "task_deleted":
            message = received(live)
        assert message["task_id"] == task_id
        # Nothing may follow a task's end: the next message is about another task.
        other = submitted(client, quick("after"))
        assert received(live)["task_id"] == other


def test_ping_gets_pong(server: RunningServer) -> None:
    with connect(server.ws_url) as live:
        received(live)
        live.send(b"\x00\x01")
        live.send("hello")
        live.send("ping")
        assert live.recv(PATIENCE) == "pong"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:3100.evil"])
def test_a_foreign_page_is_refused(server: RunningServer, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        connect(server.ws_url, origin=origin)  # pyright: ignore[reportArgumentType]
    assert refusal.value.response.status_code == 403


def test_our_own_pages_are_welcome(server: RunningServer) -> None:
    for origin in ("http://localhost:3100", server.base_url):
        with connect(server.ws_url, origin=origin) as live:  # pyright: ignore
            assert received(live)["type"] == "snapshot"


def test_a_client_that_never_reads_delays_nobody(
    client: httpx.Client, server: RunningServer
) -> None:
    stuck = socket.create_connection(("127.0.0.1", server.port))
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    stuck.sendall(
        b"GET /ws/tasks HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    try:
        with connect(server.ws_url) as live:
            received(live)
            for n in range(40):
                task_id = submitted(client, quick(f"beside a stuck client {n}"))
                assert until_ended(live, task_id)[-1]["status"] == "completed"
    finally:
        stuck.close()
