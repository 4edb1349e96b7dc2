"""Real server processes that die, freeze and share: no task is lost, no result stored twice."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from llm_simulator.database import Database
from llm_simulator.task_manager.crash_points import VARIABLE
from tests.service.running_server import RunningServer, client_of, eventually
from tests.service.submissions import long, medium, quick
from tests.service.test_api import EVALUATION, ended, submitted, task
from tests.service.test_faults import plans_of
from tests.service.test_live import received, until_ended
from tests.service.test_queue import stored_chunks

LEASE_SECONDS = "1"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind, for servers in processes of their own."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'servers.db'}"
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Any]:
    """Starts servers; whatever is left of them is killed in the end."""
    with ExitStack() as stack:

        def start(url: str, **settings: str) -> RunningServer:
            name = f"server-{len(os.listdir(tmp_path))}"
            settings |= {"DATABASE_URL": url, "TIER6_LEASE_SECONDS": LEASE_SECONDS}
            server = RunningServer(tmp_path / name, TIER6_WORKERS="2", **settings)
            stack.callback(server.kill)
            return server

        yield start


def exchanged(database_url: str) -> Database:
    """The servers' database, opened beside a PostgreSQL server or after a SQLite one has ended."""
    return Database.open(database_url)


def test_a_server_killed_after_a_stored_chunk_goes_on_behind_it(
    database_url: str, servers: Any
) -> None:
    dying: RunningServer = servers(database_url, **{VARIABLE: "after_chunk_stored"})
    with client_of(dying) as client:
        task_id = submitted(client, medium("killed"))
    assert dying.process.wait(60) == -signal.SIGKILL
    database = exchanged(database_url)
    assert stored_chunks(database) > 0
    database.close()
    server: RunningServer = servers(database_url)
    with client_of(server) as client:
        undisturbed = submitted(client, medium("undisturbed"))
        done = ended(client, task_id)
        assert (done["status"], done["progress"], done["error"]) == ("completed", 100, None)
        assert ended(client, undisturbed)["status"] == "completed"
        assert plans_of(client, task_id) == plans_of(client, undisturbed)
        counts = [
            {k: v for k, v in task(client, one)["search_stats"].items() if k != "seconds"}
            for one in (task_id, undisturbed)
        ]
        assert counts[0] == counts[1]
    assert server.stop() == 0
    database = exchanged(database_url)
    assert stored_chunks(database) == 0
    database.close()


def test_a_server_killed_right_after_a_result_was_stored_stores_it_once(
    postgresql_url: str, servers: Any
) -> None:
    dying: RunningServer = servers(postgresql_url, **{VARIABLE: "after_completed"})
    with client_of(dying) as client:
        task_id = submitted(client, quick("killed"))
    assert dying.process.wait(60) == -signal.SIGKILL
    server: RunningServer = servers(postgresql_url)
    with client_of(server) as client:
        assert ended(client, task_id)["status"] == "completed"
        [experiment] = client.get(f"{EVALUATION}/experiments").json()["experiments"]
        assert (experiment["total_tasks"], experiment["completed_tasks"]) == (1, 1)
        assert plans_of(client, task_id)


def test_two_servers_share_tasks_and_events_and_one_takes_over(
    postgresql_url: str, servers: Any
) -> None:
    one: RunningServer = servers(postgresql_url)
    other: RunningServer = servers(postgresql_url)
    # Or it might take the task.
    other.process.send_signal(signal.SIGSTOP)
    with client_of(one) as client:
        twice = {"batch_sizes": [32768, 65536]}
        task_id = submitted(client, long("frozen", search_constraints=twice))
        eventually(lambda: task(client, task_id)["progress"] > 0, "the first server runs it")
    other.process.send_signal(signal.SIGCONT)
    with client_of(one) as first, client_of(other) as second, connect(other.ws_url) as live:
        [told] = received(live)["tasks"]
        assert told["task_id"] == task_id
        progress = received(live)
        assert (progress["status"], progress["evaluations"]["done"] > 0) == ("running", True)
        one.process.send_signal(signal.SIGSTOP)
        taken = until_ended(live, task_id)
        one.process.send_signal(signal.SIGCONT)
        assert [u["status"] for u in taken if u["status"] != "running"] == ["pending", "completed"]
        # Its late write is refused, unless it hears first that the task is no longer its own.
        eventually(
            lambda: re.search("stale_write_refused|run_dropped", one.log.read_text()),
            "the frozen server lets go",
        )
        assert task(first, task_id)["status"] == "completed"
        cancelled = submitted(second, long("cancelled elsewhere"))
        eventually(lambda: task(second, cancelled)["status"] == "running", "somebody runs it")
        for client in (first, second):
            answer = client.post(f"{EVALUATION}/tasks/{cancelled}/cancel")
            assert answer.status_code == (200 if client is first else 409)
        after = [submitted(client, quick("after")) for client in (first, second) * 4]
        assert all(ended(second, one_task)["status"] == "completed" for one_task in after)


def test_a_server_started_in_a_killed_one_s_place_does_not_wait_for_its_lease(
    postgresql_url: str, tmp_path: Path
) -> None:
    server = RunningServer(
        tmp_path / "data", DATABASE_URL=postgresql_url, TIER6_LEASE_SECONDS="3600"
    )
    try:
        with client_of(server) as client:
            task_id = submitted(client, medium("killed"))
            eventually(lambda: task(client, task_id)["status"] == "running", "it runs")
        server.kill()
        server.restart()
        with client_of(server) as client:
            assert ended(client, task_id)["status"] == "completed"
    finally:
        server.kill()


def test_when_one_of_two_servers_is_killed_the_other_ends_its_tasks(
    postgresql_url: str, servers: Any
) -> None:
    dying: RunningServer = servers(postgresql_url, TIER6_MAX_RUNNING_TASKS="2")
    other: RunningServer = servers(postgresql_url, TIER6_MAX_RUNNING_TASKS="2")
    with client_of(other) as client:
        client.post(f"{EVALUATION}/queue/pause").raise_for_status()
        ids = [submitted(client, long(f"of {number}")) for number in range(4)]
        client.post(f"{EVALUATION}/queue/resume").raise_for_status()
        eventually(
            lambda: all(task(client, one)["progress"] > 0 for one in ids), "both servers run two"
        )
        dying.kill()
        done = [ended(client, one) for one in ids]
        assert {one["status"] for one in done} == {"completed"}
        assert all(plans_of(client, one) == plans_of(client, ids[0]) for one in ids)
        counters = client.get(f"{EVALUATION}/experiments").json()["experiments"]
        assert [(x["total_tasks"], x["completed_tasks"]) for x in counters] == [(1, 1)] * 4


def test_the_queue_over_http(client: httpx.Client) -> None:
    assert client.post(f"{EVALUATION}/queue/pause").json()["success"] is True
    try:
        first, second = (submitted(client, quick("queued")) for _ in range(2))
        url = f"{EVALUATION}/tasks/{second}"
        assert client.post(f"{url}/priority", json={"priority": 5}).status_code == 200
        assert task(client, second)["priority"] == 5
        queue = client.get(f"{EVALUATION}/queue").json()
        assert queue["paused"] is True
        assert [item["task_id"] for item in queue["pending"]] == [second, first]
        assert [item["position"] for item in queue["pending"]] == [1, 2]
        for wrong in (101, -101, 1.5, "high", None, True):
            answer = client.post(f"{url}/priority", json={"priority": wrong})
            assert answer.status_code == 422
        assert client.post(f"{url}/retry").status_code == 409
        assert client.post(f"{EVALUATION}/tasks/unknown/retry").status_code == 404
        client.post(f"{url}/cancel").raise_for_status()
        client.post(f"{url}/retry").raise_for_status()
    finally:
        client.post(f"{EVALUATION}/queue/resume").raise_for_status()
    assert ended(client, first)["status"] == ended(client, second)["status"] == "completed"
    assert submitted(client, quick("urgent", priority=100))
    refusal = client.post(f"{EVALUATION}/submit", json=quick("queued", priority=101))
    assert refusal.json()["error"]["fields"][0]["field"] == "priority"
