"""A database that can't be written for a while: one clear answer, nothing lost, all well again."""

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from llm_simulator.database import BUSY_TIMEOUT_MS
from tests.service.postgres import fresh_database, own_postgresql
from tests.service.running_server import BACKEND, RunningServer, client_of, eventually
from tests.service.submissions import medium, quick
from tests.service.test_api import EVALUATION, ended, refused, submitted, task
from tests.service.test_faults import plans_of

DISK_MEGABYTES = 12
LOCK_SECONDS = 1.5e-3 * BUSY_TIMEOUT_MS
"""Longer than the server waits for a lock, so that what it stores has failed and is tried again."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that is quickly full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def immutable(files: list[Path]) -> Iterator[None]:
    """Files that not even root can write, while the block runs."""
    names = list(map(str, files))
    if subprocess.run(["chattr", "+i", *names], capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may make files immutable, and not on every file system")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *names], check=True)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Any]:
    """Starts a server, which is killed in the end."""
    started: list[RunningServer] = []

    def start(folder: Path = tmp_path / "data", **settings: str) -> RunningServer:
        started.append(RunningServer(folder, TIER6_WORKERS="2", **settings))
        return started[-1]

    yield start
    for server in started:
        server.kill()


def full(folder: Path) -> Path:
    """The file that has taken all room there was."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    assert shutil.disk_usage(folder).free == 0
    return filler


def refusal(client: httpx.Client, words: str) -> httpx.Response:
    """The 503 that a submission gets sooner or later, which says why, as the readiness does."""
    answers: list[httpx.Response] = []

    def is_refused() -> bool:
        answers.append(client.post(f"{EVALUATION}/submit", json=quick("refused")))
        reasons = client.get("/readyz").json()["reasons"]
        # A small change may still find room where a larger one found none.
        return answers[-1].status_code != 200 and words in str(reasons)

    eventually(is_refused, "a submission is refused")
    refused(answers[-1], 503, "unavailable")
    message = answers[-1].json()["error"]["message"]
    assert words in message
    assert "/" not in message, "no path in an answer"
    assert int(answers[-1].headers["retry-after"]) > 0
    return answers[-1]


def all_is_well(client: httpx.Client, task_id: str) -> None:
    """Every task there is completes, the disturbed one with an undisturbed one's results."""
    eventually(lambda: client.get("/readyz").status_code == 200, "the server is ready again")
    undisturbed = submitted(client, medium("undisturbed"))
    for one in (task_id, undisturbed):
        done = ended(client, one)
        assert (done["status"], done["error"]) == ("completed", None)
    assert plans_of(client, task_id) == plans_of(client, undisturbed)
    everything = client.get(f"{EVALUATION}/tasks", params={"limit": 1000}).json()
    assert {ended(client, one["task_id"])["status"] for one in everything["tasks"]} == {"completed"}


def midway(client: httpx.Client) -> str:
    """The id of a task that has begun."""
    task_id = submitted(client, medium("disturbed"))
    eventually(lambda: task(client, task_id)["status"] == "running", "it runs")
    return task_id


def sound(server: RunningServer) -> bool:
    """Whether the file of a server that has ended is as it should be."""
    with closing(sqlite3.connect(server.database)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_full_disk(small_disk: Path, running: Any) -> None:
    server: RunningServer = running(small_disk)
    with client_of(server) as client:
        task_id = midway(client)
        filler = full(small_disk)
        refusal(client, "disk that holds the database is full")
        assert client.get(f"{EVALUATION}/tasks").status_code == 200, "reading goes on"
        time.sleep(2)
        assert task(client, task_id)["status"] == "running", "what is computed waits to be stored"
        filler.unlink()
        all_is_well(client, task_id)
    assert server.stop() == 0
    assert sound(server)


def test_a_write_lock_that_is_held(running: Any) -> None:
    server: RunningServer = running()
    with client_of(server) as client:
        task_id = midway(client)
        with closing(sqlite3.connect(server.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            refusal(client, "Another process holds the database's write lock")
            time.sleep(max(0.0, began + LOCK_SECONDS - time.monotonic()))
            other.execute("ROLLBACK")
        all_is_well(client, task_id)
    assert server.stop() == 0
    assert sound(server)


def test_files_that_become_read_only(running: Any) -> None:
    server: RunningServer = running()
    with client_of(server) as client:
        task_id = midway(client)
        with immutable([server.database, Path(f"{server.database}-wal")]):
            refusal(client, "can't be")
        all_is_well(client, task_id)
    assert server.stop() == 0
    assert sound(server)


def test_a_read_only_file_is_refused_at_the_start(running: Any) -> None:
    server: RunningServer = running()
    assert server.stop() == 0
    with immutable([server.database]):
        answer = subprocess.run(
            [sys.executable, "main.py"],
            cwd=BACKEND,
            env=server.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert answer.returncode == 1
    assert answer.stderr == (
        "The server can't start. The database's files can't be written; make them writable for "
        "the server.\n"
    )


def test_a_postgresql_that_loses_its_connections_and_goes_away(
    tmp_path: Path, running: Any
) -> None:
    with own_postgresql(tmp_path) as postgres:
        url = fresh_database(postgres.get_uri())
        server: RunningServer = running(DATABASE_URL=url, TIER6_LEASE_SECONDS="5")
        with client_of(server) as client:
            task_id = midway(client)
            with psycopg.connect(url, autocommit=True) as other:
                cut = other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ).fetchall()
            assert cut
            postgres.stop()
            refusal(client, "does not answer")
            time.sleep(2)
            postgres.ensure_postgres_running()
            all_is_well(client, task_id)
            assert json.loads(client.get("/readyz").text)["status"] == "ready"
        assert server.stop() == 0
