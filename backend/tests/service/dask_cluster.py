"""A real Dask cluster for tests: scheduler and workers as processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.service.running_server import BACKEND, PATIENCE, free_port


class DaskCluster:
    """A scheduler on a free port of this machine, and what workers a test starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.host_and_port = ("127.0.0.1", self.port)
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.url = f"dask://127.0.0.1:{self.port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.start_scheduler()

    def start_scheduler(self) -> None:
        """A scheduler that knows nothing of an earlier one."""
        self.scheduler = self._started("scheduler", f"--port={self.port}", "--host=127.0.0.1")

    def start_workers(self, number: int = 1, *options: str) -> None:
        """Workers of one thread each, started again by their nanny when they die."""
        command = [self.address, f"--nworkers={number}", "--nthreads=1", *options]
        self.workers.append(self._started("worker", *command, f"--local-directory={self.folder}"))

    def kill_scheduler(self) -> None:
        """The scheduler's end without a chance to tidy up."""
        self.scheduler.kill()
        self.scheduler.wait(PATIENCE)

    def stop(self) -> None:
        """Ends all its processes."""
        for process in (*self.workers, self.scheduler):
            process.kill()  # a worker ends with its nanny
        for process in (*self.workers, self.scheduler):
            process.wait(PATIENCE)

    def _started(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard"]
        with (self.folder / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, *options],
                cwd=BACKEND,
                env=os.environ | {"PYTHONPATH": str(BACKEND)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
