"""Submissions over HTTP: how many are accepted, how long one waits, how long a task takes.

    python -m benchmarks.submit_load [--postgresql [--servers 1]] [--seconds 10] [--clients 32]

A real server on an empty database, which evaluates the tasks meanwhile. First, one task of one
chunk after another, from its submission to the event of its completion, beside the same evaluation
in this process. Then 100 submissions a second, each timed from the moment it was due. Then as many
as ``clients`` connections can get accepted, while tasks are evaluated and with the queue paused. At
the end every accepted submission must be in the database.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from llm_simulator.evaluate import evaluate_request
from tests.service.postgres import fresh_database, running_postgresql
from tests.service.running_server import RunningServer

BODY = {
    "experiment_name": "submit load",
    "model": "llama-3.1-8b",
    "topology": "server-8",
    "hardware": "h200-sxm",
    "inference": {"batch_size": 32, "input_seq_length": 1024, "output_seq_length": 256},
    "search_mode": "manual",
    "manual_parallelism": {"tp": 8},
}
STEADY_RATE = 100
WARMING = 20
"""Tasks before anything is measured."""
MOST_QUEUED = 1_000_000


class Connection:
    """One HTTP connection that is kept; lighter than a client library, which would be measured."""

    def __init__(self, port: int) -> None:
        content = json.dumps(BODY).encode()
        self._request = (
            b"POST /api/evaluation/submit HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(content), content)
        )
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def submit(self) -> str:
        """The id of a new task; raises where it was not accepted."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(self._request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if b" 200 " not in head.splitlines()[0]:
            raise RuntimeError(f"{head.splitlines()[0].decode()}: {answer.decode()}")
        return json.loads(answer)["task_id"]


async def completions(server: RunningServer, tasks: int) -> list[float]:
    """Seconds from submission to completion, of one task after the other."""
    connection, seconds = Connection(server.port), []
    async with connect(server.ws_url) as live:
        for _ in range(tasks):
            began = time.perf_counter()
            await _completed(live, await connection.submit())
            seconds.append(time.perf_counter() - began)
    return seconds


async def _completed(live: ClientConnection, task_id: str) -> None:
    async for message in live:
        event = json.loads(message)
        if event.get("task_id") == task_id and event.get("status") == "completed":
            return


async def steady(server: RunningServer, seconds: float) -> tuple[list[str], list[float]]:
    """The ids, and the seconds each waited, of submissions at the steady rate."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    ids: list[str] = []
    waited: list[float] = []

    async def one(due: float) -> None:
        connection = free.get_nowait() if not free.empty() else Connection(server.port)
        ids.append(await connection.submit())
        waited.append(time.perf_counter() - due)
        free.put_nowait(connection)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(round(seconds * STEADY_RATE)):
            due = began + number / STEADY_RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(due))
    return ids, waited


async def crowd(
    servers: Sequence[RunningServer], clients: int, seconds: float
) -> tuple[list[str], float]:
    """The ids of what many clients at once got accepted, and how many a second."""
    ids: list[str] = []
    began = time.perf_counter()

    async def client(number: int) -> None:
        connection = Connection(servers[number % len(servers)].port)
        while time.perf_counter() < began + seconds:
            ids.append(await connection.submit())

    await asyncio.gather(*map(client, range(clients)))
    return ids, len(ids) / (time.perf_counter() - began)


def evaluations(tasks: int) -> list[float]:
    """Seconds that the evaluation of one task takes in this process."""
    body = {name: value for name, value in BODY.items() if name != "experiment_name"}
    evaluate_request(body)
    seconds: list[float] = []
    for _ in range(tasks):
        began = time.perf_counter()
        evaluate_request(body)
        seconds.append(time.perf_counter() - began)
    return seconds


@contextmanager
def own_servers(count: int, *, postgresql: bool) -> Iterator[list[RunningServer]]:
    """Servers on one empty database of their own."""
    settings = {"TIER6_MAX_QUEUED_TASKS": str(MOST_QUEUED), "TIER6_LOG_LEVEL": "warning"}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if postgresql:
            address = stack.enter_context(running_postgresql(folder))
            settings["DATABASE_URL"] = fresh_database(address)
        servers = [RunningServer(folder / f"server-{n}", **settings) for n in range(count)]
        for server in servers:
            stack.callback(server.stop)
        yield servers


def percentiles(seconds: list[float]) -> str:
    """What is printed of a list of times."""
    p50, p95, p99 = 1e3 * np.percentile(seconds, (50, 95, 99))
    return f"p50 {p50:.1f}  p95 {p95:.1f}  p99 {p99:.1f} ms"


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--servers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--tasks", type=int, default=200)
    given = parser.parse_args()
    with own_servers(given.servers, postgresql=given.postgresql) as servers:
        server = servers[0]
        asyncio.run(completions(server, WARMING))
        took, alone = asyncio.run(completions(server, given.tasks)), evaluations(given.tasks)
        print("submit to completed:", percentiles(took))
        print("evaluation alone:   ", percentiles(alone))
        print(f"overhead at p50:     {1e3 * (np.median(took) - np.median(alone)):.1f} ms")
        accepted, waited = asyncio.run(steady(server, given.seconds))
        print(f"{STEADY_RATE} a second:       ", percentiles(waited), flush=True)
        for state in ("evaluating", "paused"):
            if state == "paused":
                httpx.post(f"{server.base_url}/api/evaluation/queue/pause").raise_for_status()
            more, rate = asyncio.run(crowd(servers, given.clients, given.seconds))
            accepted += more
            print(f"sustained, {state}: {rate:.0f} a second", flush=True)
        expected = WARMING + given.tasks + len(accepted)
        stored = _stored(server)
        print(f"{stored:,} of {expected:,} accepted tasks are in the database")
    raise SystemExit(stored != expected)


def _stored(server: RunningServer) -> int:
    answer: dict[str, Any] = httpx.get(
        f"{server.base_url}/api/evaluation/tasks", params={"limit": 1}, timeout=60
    ).json()
    return answer["total"]


if __name__ == "__main__":
    main()
