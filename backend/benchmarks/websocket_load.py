"""Delivery to many live clients: how long an event takes to each, and that none is lost.

    python -m benchmarks.websocket_load [--clients 1000] [--rate 50] [--stalled 10] [--seconds 10]
                                      [--batch]

The real WebSocket manager behind the real server, in a process of its own, publishes progress and
ends of tasks; the clients are plain sockets in this process. An event carries the moment it was
published. Delivery is timed for every event that each reading client gets; lost is a change of a
task's state that a reading client never got, or a task whose newest progress it never got.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import resource
import socket
import time
from collections import defaultdict
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, WebSocket

from llm_simulator.live.connection import Opening, Source
from llm_simulator.schemas.events import TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.websocket_manager import WebSocketManager

TASKS = 10
"""Running at once; each ends after STEPS events and the next one starts."""
STEPS = 20
GREETING = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
EVENT = re.compile(
    rb'"task_id":"([^"]+)".*?"status":"(\w+)".*?"message":"([\d.]+)".*?"sequence":(\d+)'
)


def event(number: int) -> TaskUpdate:
    """The event of this number, published now."""
    life, slot = divmod(number, TASKS)
    generation, step = divmod(life, STEPS)
    state = {0: TaskState.PENDING, STEPS - 1: TaskState.COMPLETED}.get(step, TaskState.RUNNING)
    return TaskUpdate(
        task_id=f"{slot}-{generation}",
        experiment_name="load",
        status=state,
        progress=100.0 * step / STEPS,
        message=f"{time.monotonic():.6f}",
        error=None,
        search_stats=None,
        sequence=number + 1,
    )


def serve(listener: socket.socket, pipe: Pipe, options: argparse.Namespace) -> None:
    """The server process: publishes when told to, then says what it measured."""
    asyncio.run(_serve(listener, pipe, options))


async def _serve(listener: socket.socket, pipe: Pipe, options: argparse.Namespace) -> None:
    manager = WebSocketManager(asyncio.get_running_loop())
    source = Source(present=lambda _: [], since=lambda _, __: None, newest=lambda: manager.newest)
    app = FastAPI()

    @app.websocket("/ws")
    async def live(client: WebSocket) -> None:
        await manager.serve(client, Opening(batch=options.batch), source)

    config = uvicorn.Config(
        app, log_level="error", lifespan="off", ws="websockets-sansio", ws_per_message_deflate=False
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listener]))
    await asyncio.to_thread(pipe.recv)
    memory, cpu = _rss(), time.process_time()
    await asyncio.to_thread(_publish, manager, options.rate, options.seconds)
    cpu = time.process_time() - cpu
    await asyncio.to_thread(pipe.recv)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pipe.send((memory, _rss(), peak, cpu, manager.clients, vars(manager.counts)))
    # At once: a thousand connections' ends are not what is measured.
    assert not running.done()
    os._exit(0)


def _publish(manager: WebSocketManager, rate: float, seconds: float) -> None:
    begun = time.monotonic()
    # Whole lives only, so that every task's last event is known.
    for number in range(_events(rate, seconds)):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        manager.publish(event(number))


def _events(rate: float, seconds: float) -> int:
    return max(1, round(rate * seconds / (TASKS * STEPS))) * TASKS * STEPS


def _rss() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


class Reader(asyncio.Protocol):
    """A client that reads; ``arrivals`` is shared by all."""

    def __init__(self, arrivals: list[tuple[float, bytes]]) -> None:
        self._arrivals = arrivals
        self.received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the WebSocket."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        """Keeps what came and when; it is read after the run, to cost little during it."""
        self._arrivals.append((time.monotonic(), data))
        self.received += data


async def measure(port: int, pipe: Pipe, options: argparse.Namespace) -> dict[str, Any]:
    """The figures of one run."""
    loop = asyncio.get_running_loop()
    stalled = [_stalled(port) for _ in range(options.stalled)]
    arrivals: list[list[tuple[float, bytes]]] = []
    readers: list[Reader] = []
    for _ in range(options.clients - options.stalled):
        arrivals.append([])
        _, reader = await loop.create_connection(lambda: Reader(arrivals[-1]), "127.0.0.1", port)
        readers.append(reader)
    while not all(b'"snapshot"' in reader.received for reader in readers):
        await asyncio.sleep(0.1)
    await asyncio.to_thread(pipe.send, "start")
    await asyncio.sleep(options.seconds + 3)
    await asyncio.to_thread(pipe.send, "stop")
    memory, after, peak, cpu, clients, counts = await asyncio.to_thread(pipe.recv)
    for one in stalled:
        one.close()
    return figures(arrivals, _events(options.rate, options.seconds)) | {
        "server_mb_before_after_peak": [round(x) for x in (memory, after, peak)],
        "server_cpu_share": round(cpu / options.seconds, 2),
        "clients_left": clients,
        **counts,
    }


def _stalled(port: int) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.connect(("127.0.0.1", port))
    client.sendall(GREETING)
    return client


def figures(arrivals: list[list[tuple[float, bytes]]], events: int) -> dict[str, Any]:
    """Delays in milliseconds over all clients, and what is missing."""
    expected = _kept(event(number) for number in range(events))
    delays: list[float] = []
    lost = 0
    for of_client in arrivals:
        seen: dict[tuple[str, str], int] = defaultdict(int)
        for moment, data in of_client:
            for task_id, status, told, number in EVENT.findall(data):
                delays.append(moment - float(told))
                key = (task_id.decode(), status.decode())
                seen[key] = max(seen[key], int(number))
        lost += sum(seen[key] < number for key, number in expected.items())
    delays.sort()
    return {
        "delivered": len(delays),
        "lost": lost,
        **{f"p{q}_ms": round(1e3 * delays[int(len(delays) * q / 100)]) for q in (50, 95, 99)},
        "max_ms": round(1e3 * delays[-1]),
    }


def _kept(events: Any) -> dict[tuple[str, str], int]:
    """What must reach every client: each state of each task, and its newest progress."""
    return {(one.task_id, one.status.value): one.sequence for one in events}


def main() -> None:
    """Runs it once and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--stalled", type=int, default=10)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--batch", action="store_true", help="a list of messages in each frame")
    options = parser.parse_args()
    needed = options.clients + 100
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, needed), hard), hard))
    listener = socket.create_server(("127.0.0.1", 0), backlog=options.clients)
    context = multiprocessing.get_context("fork")
    pipe, other = context.Pipe()
    arguments = (listener, other, options)
    server = context.Process(target=serve, args=arguments, daemon=True)
    server.start()
    port = listener.getsockname()[1]
    listener.close()
    print(json.dumps(vars(options) | asyncio.run(measure(port, pipe, options)), indent=1))
    server.join(10)


if __name__ == "__main__":
    main()
