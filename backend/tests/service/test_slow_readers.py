"""Clients that ask for much and read nothing."""

import socket
import sqlite3
from contextlib import ExitStack
from pathlib import Path

from tests.service.running_server import RunningServer, client_of, eventually
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, ended, submitted

COPIES = 2_000
"""Of a result, so that an export is more than sockets hold."""


def with_many_results(server: RunningServer, task_id: str) -> None:
    """Gives a completed task more results than anybody would compute in a test."""
    with sqlite3.connect(server.database) as connection:
        columns = [
            name for _, name, *_ in connection.execute("PRAGMA table_info(evaluation_results)")
        ]
        kept = ", ".join(name for name in columns if name not in ("id", "rank"))
        connection.execute(
            f"WITH RECURSIVE copy(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM copy LIMIT ?) "
            f"INSERT INTO evaluation_results (rank, {kept}) SELECT n, {kept} FROM copy, "
            "(SELECT * FROM evaluation_results WHERE rank = 1 AND task_id = "
            "(SELECT id FROM evaluation_tasks WHERE task_id = ?))",
            (COPIES, task_id),
        )
    connection.close()


def asking(server: RunningServer, address: str) -> socket.socket:
    """A connection that has asked and will not read."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", server.port))
    raw.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return raw


def sockets_of(server: RunningServer) -> int:
    """How many sockets the server has open."""
    links = Path(f"/proc/{server.process.pid}/fd").iterdir()
    return sum("socket:" in str(link.readlink()) for link in links if link.is_symlink())


def test_readers_that_do_not_read_hold_nobody_up_and_are_cut_off(tmp_path: Path) -> None:
    server = RunningServer(tmp_path, TIER6_WORKERS="1", TIER6_SEND_TIMEOUT_SECONDS="1")
    try:
        with client_of(server) as client, ExitStack() as stuck:
            task_id = submitted(client, quick("much"))
            ended(client, task_id)
            with_many_results(server, task_id)
            before = sockets_of(server)
            for _ in range(60):
                stuck.enter_context(asking(server, f"{EVALUATION}/export/results?format=json"))
            eventually(lambda: sockets_of(server) >= before + 30, "they are connected")
            assert client.get(f"{EVALUATION}/tasks").status_code == 200
            assert ended(client, submitted(client, quick("beside them")))["status"] == "completed"
            eventually(lambda: sockets_of(server) <= before, "they are cut off")
            assert client.get(f"{EVALUATION}/tasks").status_code == 200
    finally:
        server.tear_down()
