"""What must hold when processes die, tasks are taken back, and servers collide."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from llm_simulator.task_manager.crash_points import VARIABLE
from tests.service.running_server import (
    BACKEND,
    PATIENCE,
    RunningServer,
    alive,
    client_of,
    cpu_ticks,
    eventually,
)
from tests.service.submissions import long, medium, quick
from tests.service.test_api import EVALUATION, ended, submitted, task
from tests.service.test_live import received


def submitted_and_midway(server: RunningServer, client: httpx.Client, name: str) -> str:
    """The id of a long task of which a part is done."""
    with connect(server.ws_url) as live:
        received(live)
        task_id = submitted(client, long(name))
        message: dict[str, Any] = {}
        while message.get("task_id") != task_id or message["progress"] == 0:
            message = received(live)
        assert (message["status"], message["progress"] < 100) == ("running", True)
    return task_id


def plans_of(client: httpx.Client, task_id: str) -> list[Any]:
    """All stored plans of a task."""
    results = client.get(f"{EVALUATION}/tasks/{task_id}/results").raise_for_status().json()
    return results["top_k_plans"] + results["infeasible_plans"]


def check_integrity(server: RunningServer, task_id: str, plans: int) -> None:
    """Each result is stored once, in a sound file whose counters are right."""
    with closing(sqlite3.connect(server.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        [(stored, distinct)] = connection.execute(
            "SELECT count(*), count(DISTINCT r.dp||','||r.tp||','||r.pp||','||r.ep||','||r.sp"
            "||','||r.moe_tp) FROM evaluation_results r"
            " JOIN evaluation_tasks t ON r.task_id = t.id WHERE t.task_id = ?",
            (task_id,),
        )
        wrong = connection.execute(
            "SELECT e.name FROM experiments e WHERE total_tasks <>"
            " (SELECT count(*) FROM evaluation_tasks t WHERE t.experiment_id = e.id)"
            " OR completed_tasks <> (SELECT count(*) FROM evaluation_tasks t"
            " WHERE t.experiment_id = e.id AND t.status = 'completed')"
        ).fetchall()
    assert stored == distinct == plans
    assert wrong == []


def test_a_task_survives_the_server_s_death(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data", TIER6_WORKERS="2", **{VARIABLE: "after_chunk_stored"})
    with client_of(server) as client:
        task_id = submitted(client, medium("killed"))
        workers = server.workers()
    assert server.process.wait(PATIENCE) == -signal.SIGKILL
    eventually(lambda: not any(map(alive, workers)), "the orphaned workers end")
    server.change(**{VARIABLE: ""})
    server.restart()
    with client_of(server) as client:
        assert ended(client, task_id)["status"] == "completed"
        undisturbed = submitted(client, medium("undisturbed"))
        assert ended(client, undisturbed)["status"] == "completed"
        plans = plans_of(client, task_id)
        assert plans == plans_of(client, undisturbed)
    check_integrity(server, task_id, len(plans))
    assert server.stop() == 0


def test_a_task_survives_its_workers_deaths(own_server: RunningServer) -> None:
    with client_of(own_server) as client:
        task_id = submitted_and_midway(own_server, client, "workers killed")
        os.kill(own_server.workers()[0], signal.SIGKILL)
        done = ended(client, task_id)
        assert (done["status"], done["error"]) == ("completed", None)
        check_integrity(own_server, task_id, len(plans_of(client, task_id)))


def test_cancel_stops_the_computation(own_server: RunningServer) -> None:
    with client_of(own_server) as client:
        task_id = submitted_and_midway(own_server, client, "cancelled")
        client.post(f"{EVALUATION}/tasks/{task_id}/cancel").raise_for_status()
        eventually(lambda: _idle(own_server), "the workers are idle")
        assert task(client, task_id)["status"] == "cancelled"
        assert plans_of(client, task_id) == []
        after = submitted(client, quick("after"))
        assert ended(client, after)["status"] == "completed"
        assert task(client, task_id)["status"] == "cancelled"


def test_delete_stops_the_computation(own_server: RunningServer) -> None:
    with client_of(own_server) as client:
        task_id = submitted_and_midway(own_server, client, "deleted")
        client.delete(f"{EVALUATION}/tasks/{task_id}").raise_for_status()
        eventually(lambda: _idle(own_server), "the workers are idle")
        assert client.get(f"{EVALUATION}/tasks/{task_id}").status_code == 404
        assert client.get(f"{EVALUATION}/tasks").json()["total"] == 0
        with closing(sqlite3.connect(own_server.database)) as connection:
            [(results,)] = connection.execute("SELECT count(*) FROM evaluation_results")
        assert results == 0


def _idle(server: RunningServer) -> bool:
    """Whether all workers are there and use no processor time for a while."""
    workers = server.workers()
    before = [cpu_ticks(pid) for pid in workers]
    time.sleep(0.5)
    return (
        len(workers) == 2
        and server.workers() == workers
        and before == [cpu_ticks(pid) for pid in workers]
    )


def test_a_quick_task_overtakes_a_long_one(own_server: RunningServer) -> None:
    with client_of(own_server) as client:
        slow = submitted_and_midway(own_server, client, "slow")
        fast = submitted(client, quick("fast"))
        assert ended(client, fast)["status"] == "completed"
        client.post(f"{EVALUATION}/tasks/{slow}/cancel")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_orderly_stop_leaves_tasks_to_the_next_start(
    own_server: RunningServer, number: int
) -> None:
    with client_of(own_server) as client, connect(own_server.ws_url) as live:
        received(live)
        task_id = submitted_and_midway(own_server, client, "stopped")
        workers = own_server.workers()
        assert own_server.stop(number) == 0
    assert not any(map(alive, workers))
    assert "Traceback" not in own_server.log.read_text()
    with closing(sqlite3.connect(own_server.database)) as connection:
        rows = connection.execute("SELECT status FROM evaluation_tasks").fetchall()
    assert rows == [("pending",)]
    own_server.restart()
    with client_of(own_server) as client:
        assert ended(client, task_id)["status"] == "completed"


def test_a_stop_of_the_whole_process_group_counts_no_worker_as_dead(tmp_path: Path) -> None:
    """As systemd stops a service: every process of it gets SIGTERM at once."""
    server = RunningServer(tmp_path / "data", TIER6_WORKERS="2", TIER6_CHUNK_TIMEOUT_SECONDS="60")
    with client_of(server) as client:
        submitted_and_midway(server, client, "stopped with its workers")
        workers = server.workers()
        for pid in [*workers, server.process.pid]:
            os.kill(pid, signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
    assert not any(map(alive, workers))
    log = server.log.read_text()
    assert "chunk_lost" not in log
    assert "Traceback" not in log
    with closing(sqlite3.connect(server.database)) as connection:
        assert connection.execute("SELECT status FROM evaluation_tasks").fetchall() == [
            ("pending",)
        ]
        attempts = connection.execute("SELECT max(attempt) FROM evaluation_chunks").fetchall()
    assert attempts == [(1,)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_while_the_workers_start_is_orderly(tmp_path: Path, number: signal.Signals) -> None:
    """Of the server alone, then of its whole group, as by Ctrl-C."""
    server = RunningServer(tmp_path / "data", TIER6_WORKERS="2")
    eventually(lambda: len(server.workers()) == 2, "the workers start")
    workers = server.workers()
    assert server.stop(number) == 0
    server.change(TIER6_WORKERS="1")
    server.restart()
    eventually(server.workers, "the worker starts")
    workers += server.workers()
    for pid in [*server.workers(), server.process.pid]:
        os.kill(pid, number)
    assert server.process.wait(PATIENCE) == 0
    assert not any(map(alive, workers))
    assert "Traceback" not in server.log.read_text()


def test_a_stop_before_the_server_is_there_is_silent(tmp_path: Path) -> None:
    environment = os.environ | {"TIER6_PORT": "0", "TIER6_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-X", "importtime", "main.py"]
    with subprocess.Popen(
        command, cwd=BACKEND, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        # It tells what it has imported: stopped in the middle of its own.
        for line in process.stderr:
            if "llm_simulator" in line:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.wait(PATIENCE) in (-signal.SIGINT, 0)
    assert "Traceback" not in rest


def test_a_request_that_is_open_at_the_stop_is_answered(own_server: RunningServer) -> None:
    head = (
        f"POST {EVALUATION}/submit HTTP/1.1\r\nHost: 127.0.0.1:{own_server.port}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", own_server.port), PATIENCE) as connection:
        connection.sendall(head.encode())
        # Said once the body is waited for, which never comes.
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        own_server.process.send_signal(signal.SIGTERM)
        answer = connection.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 503 ")
    assert "The server is stopping; try again in a few seconds." in answer
    assert own_server.process.wait(PATIENCE) == 0
    assert "Traceback" not in own_server.log.read_text()


def test_the_greeting_says_what_is_ready(own_server: RunningServer) -> None:
    database, callback, address = own_server.greeting
    assert str(own_server.database) in database
    assert callback == "WebSocket broadcast callback set"
    assert own_server.base_url in address


def test_a_second_server_on_the_same_data_is_refused(
    own_server: RunningServer, tmp_path: Path
) -> None:
    refusal = _failed_start(own_server.environment() | {"TIER6_PORT": "0"}, tmp_path)
    assert "Another Tier6 server" in refusal


def test_a_taken_port_is_said_in_one_line(own_server: RunningServer, tmp_path: Path) -> None:
    other_data = {"TIER6_DATA_DIR": str(tmp_path / "other")}
    refusal = _failed_start(own_server.environment() | other_data, tmp_path)
    assert str(own_server.port) in refusal


def _failed_start(environment: dict[str, str], cwd: Path) -> str:
    """The one line a server says that can't start."""
    attempt = subprocess.run(
        [sys.executable, str(BACKEND / "main.py")],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert attempt.returncode == 1
    [line] = attempt.stderr.strip().splitlines()
    return line
