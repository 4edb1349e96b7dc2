"""A real server process for tests: `python main.py` on a free port with its own data."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx

BACKEND = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds after which a test gives up waiting; nothing is judged by how long it takes."""


def eventually(condition: Callable[[], object], what: str) -> None:
    """Returns once ``condition()`` is true; fails when it never becomes so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.02)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def alive(pid: int) -> bool:
    """Whether the process runs (one that has ended but is not yet reaped does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def cpu_ticks(pid: int) -> int:
    """Processor time the process has used, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


class RunningServer:
    """Starts at once; ``kill`` is kill -9, ``stop`` is what an orderly shutdown sends."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self._settings = settings
        host = settings.get("TIER6_HOST", "127.0.0.1")
        self.base_url = f"http://{host}:{self.port}"
        self.ws_url = f"ws://{host}:{self.port}/ws/tasks"
        self.greeting: list[str] = []
        self.log = data_dir / "server.log"
        self.process = self._started()

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "llm_evaluations.db"

    def environment(self) -> dict[str, str]:
        """What the server process is told."""
        return os.environ | {
            "TIER6_PORT": str(self.port),
            "TIER6_DATA_DIR": str(self.data_dir),
            # Their processes are only in the way of tests that count or kill workers.
            "TIER6_PREVIEW_WORKERS": "0",
            **self._settings,
        }

    def change(self, **settings: str) -> None:
        """What the next start is told beside the rest."""
        self._settings |= settings

    def restart(self) -> None:
        """A new process on the same data and port, after this one has ended."""
        self.process.wait(PATIENCE)
        self.process = self._started()

    def kill(self) -> None:
        """The server's end without a chance to tidy up."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def tear_down(self) -> None:
        """The end of the server and of its workers, also of those a test has stopped."""
        workers = self.workers()
        self.kill()
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        eventually(lambda: not any(map(alive, workers)), "the workers end with their server")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """The exit code after an orderly end."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def workers(self) -> list[int]:
        """The worker processes alive now."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        pids = {int(pid) for tasks in children for pid in tasks.read_text().split()}
        return sorted(pid for pid in pids if alive(pid) and _is_worker(pid))

    def _started(self) -> subprocess.Popen[str]:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "main.py"],
                cwd=BACKEND,
                env=self.environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout is not None
        with process.stdout as output:
            self.greeting = [output.readline().strip() for _ in range(3)]
        assert f":{self.port}" in self.greeting[2], self.log.read_text()
        return process


def _is_worker(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def client_of(server: RunningServer) -> httpx.Client:
    """An HTTP client of the server."""
    return httpx.Client(base_url=server.base_url, timeout=PATIENCE)
