"""The WebSocket, over real sockets."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.service.running_server import PATIENCE, RunningServer, client_of
from tests.service.submissions import long, quick
from tests.service.test_api import EVALUATION, ended, submitted, task

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
        task_id = submitted(client, long("watched"))
        seen = [until_ended(live, task_id) for live in (one, other)]
    for updates in seen:
        assert {update["type"] for update in updates} == {"task_update"}
        assert [u["sequence"] for u in updates] == sorted({u["sequence"] for u in updates})
        progress = [update["progress"] for update in updates]
        assert progress == sorted(progress)
        assert progress[-1] == 100
        assert updates[-1]["status"] == "completed"
        assert updates[-1]["experiment_name"] == "watched"
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


def test_a_client_that_comes_back_misses_nothing(
    client: httpx.Client, server: RunningServer
) -> None:
    with connect(server.ws_url) as live:
        seen = received(live)["sequence"]
        before = submitted(client, quick("before the break"))
        seen = max(seen, until_ended(live, before)[-1]["sequence"])
    away = submitted(client, quick("in the break"))
    assert ended(client, away)["status"] == "completed"
    doomed = submitted(client, quick("deleted in the break"))
    client.delete(f"{EVALUATION}/tasks/{doomed}").raise_for_status()
    with connect(f"{server.ws_url}?since={seen}") as live:
        told = [received(live)]
        while told[-1]["type"] != "heartbeat":
            told.append(received(live))
        assert told.pop()["sequence"] >= told[-1]["sequence"]
        assert [event["sequence"] for event in told] == sorted({e["sequence"] for e in told})
        assert all(event["sequence"] > seen for event in told)
        states = [e["status"] for e in told if e["task_id"] == away]
        assert (states[0], states[-1]) == ("pending", "completed")
        assert {e["type"] for e in told if e["task_id"] == doomed} >= {"task_deleted"}
        after = submitted(client, quick("after the break"))
        assert until_ended(live, after)[-1]["status"] == "completed"


def test_a_client_away_for_too_long_is_told_to_fetch_anew(server: RunningServer) -> None:
    with connect(f"{server.ws_url}?since=9007199254740991") as live:
        snapshot = received(live)
    assert (snapshot["type"], snapshot["resync"]) == ("snapshot", True)


def test_a_subscriber_hears_of_its_task_or_experiment_only(
    client: httpx.Client, server: RunningServer
) -> None:
    task_id = submitted(client, long("the one"))
    with connect(f"{server.ws_url}?task_id={task_id}") as live:
        assert [task["task_id"] for task in received(live)["tasks"]] == [task_id]
        other = submitted(client, quick("another one"))
        client.post(f"{EVALUATION}/tasks/{task_id}/cancel").raise_for_status()
        assert ended(client, other)["status"] == "completed"
        assert until_ended(live, task_id)[-1]["status"] == "cancelled"
        # An ended task is told too: whoever watches it must not wait for ever.
        live.send(json.dumps({"type": "subscribe", "task_id": other}))
        [state] = received(live)["tasks"]
        assert (state["task_id"], state["status"]) == (other, "completed")
        live.send(json.dumps({"type": "subscribe", "experiment": "another one"}))
        assert received(live)["tasks"] == []
        submitted(client, quick("the one"))
        third = submitted(client, quick("another one"))
        assert received(live)["task_id"] == third


def test_a_subscription_that_can_t_be_read_is_refused(server: RunningServer) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        connect(f"{server.ws_url}?since=yesterday")
    answer = refusal.value.response
    assert answer.status_code == 422
    assert json.loads(answer.body or b"")["error"]["fields"][0]["field"] == "since"


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose heart beats fast."""
    folder = tmp_path_factory.mktemp("lively")
    server = RunningServer(folder, TIER6_HEARTBEAT_SECONDS="0.2", TIER6_WORKERS="1")
    yield server
    server.kill()


def test_a_heart_beats_where_nothing_happens(lively: RunningServer) -> None:
    with connect(lively.ws_url) as live:
        assert received(live)["type"] == "snapshot"
        assert [received(live)["type"] for _ in range(3)] == ["heartbeat"] * 3


def test_ping_gets_pong_and_nonsense_an_explanation(server: RunningServer) -> None:
    with connect(server.ws_url) as live:
        received(live)
        live.send("ping")
        assert live.recv(PATIENCE) == "pong"
        for nonsense in (b"\x00\x01", "hello", '{"type": "subscribe", "since": -1}'):
            live.send(nonsense)
            error = received(live)
            assert error["type"] == "error"
            assert "subscribe" in error["message"]


def test_a_client_that_wants_lists_gets_lists(client: httpx.Client, server: RunningServer) -> None:
    with connect(f"{server.ws_url}?batch=true") as live:
        [snapshot] = json.loads(live.recv(PATIENCE))
        assert snapshot["type"] == "snapshot"
        live.send("ping")
        assert json.loads(live.recv(PATIENCE)) == ["pong"]
        task_id = submitted(client, quick("in lists"))
        told: list[dict[str, Any]] = []
        while not told or told[-1].get("status") not in FINAL:
            told += json.loads(live.recv(PATIENCE))
        of_task = [message for message in told if message.get("task_id") == task_id]
        assert of_task[-1]["status"] == "completed"


def drained(live: ClientConnection) -> None:
    """Reads whatever comes, until the connection is closed."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            live.recv()


def test_ten_thousand_malformed_frames_hurt_nobody(lively: RunningServer) -> None:
    shapes = (
        "",
        "{",
        "[" * 1000,
        '{"type":"subscribe","since":"x"}',
        b"\xff" * 100,
        "ping ",
        "null",
    )
    with connect(lively.ws_url) as witness, connect(lively.ws_url) as rude:
        assert received(witness)["type"] == "snapshot"
        reader = threading.Thread(target=drained, args=(rude,))
        reader.start()
        for n in range(10_000):
            rude.send(shapes[n % len(shapes)])
        assert received(witness)["type"] == "heartbeat"
        rude.send("x" * 100_000)
        reader.join(PATIENCE)
        assert not reader.is_alive()
        assert rude.close_code == 1009
        with client_of(lively) as client:
            task_id = submitted(client, quick("after the noise"))
            assert until_ended(witness, task_id)[-1]["status"] == "completed"


@pytest.mark.parametrize("frame", [b"\x83\x80abcd", b"\xc1\x80abcd", b"\x81\x02hi", b"\x81\xfe"])
def test_a_broken_protocol_ends_only_its_own_connection(
    lively: RunningServer, frame: bytes
) -> None:
    with connect(lively.ws_url) as witness, opened_by_hand(lively) as broken:
        received(witness)
        broken.sendall(frame)
        broken.shutdown(socket.SHUT_WR)
        broken.settimeout(PATIENCE)
        while broken.recv(4096):
            pass
        assert received(witness)["type"] == "heartbeat"


def test_our_own_pages_are_welcome(server: RunningServer) -> None:
    for origin in (Origin("http://localhost:3100"), Origin(server.base_url)):
        with connect(server.ws_url, origin=origin) as live:
            assert received(live)["type"] == "snapshot"


def test_there_is_a_limit_to_connections(tmp_path: Path) -> None:
    server = RunningServer(tmp_path, TIER6_MAX_WEBSOCKETS="2", TIER6_WORKERS="1")
    try:
        with connect(server.ws_url) as one, connect(server.ws_url) as other:
            assert received(one)["type"] == received(other)["type"] == "snapshot"
            with connect(server.ws_url) as third, pytest.raises(ConnectionClosed) as end:
                third.recv(PATIENCE)
            assert end.value.rcvd is not None
            assert end.value.rcvd.code == 1013
    finally:
        server.tear_down()


def opened_by_hand(server: RunningServer) -> socket.socket:
    """A connection that has asked for a WebSocket and reads nothing by itself."""
    raw = socket.create_connection(("127.0.0.1", server.port))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    raw.sendall(
        b"GET /ws/tasks HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    return raw


def test_a_client_that_never_reads_delays_nobody(
    client: httpx.Client, server: RunningServer
) -> None:
    with opened_by_hand(server), connect(server.ws_url) as live:
        received(live)
        for n in range(40):
            task_id = submitted(client, quick(f"beside a stuck client {n}"))
            assert until_ended(live, task_id)[-1]["status"] == "completed"
