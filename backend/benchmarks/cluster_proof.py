"""A search on a Dask cluster, with a worker and then the scheduler killed in its middle.

The same search runs undisturbed on this machine's own workers. Both must end with the same results.
"""

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.service.dask_cluster import DaskCluster
from tests.service.running_server import RunningServer, client_of, eventually
from tests.service.submissions import LINKS, long

SMALLER = {
    "topology": {
        "pods": [
            {
                "count": 4,
                "racks": [
                    {
                        "count": 16,
                        "boards": [{"count": 4, "chips": [{"name": "h200-sxm", "count": 16}]}],
                    }
                ],
            }
        ],
        "interconnect": {"links": LINKS},
    }
}
"""A quarter of the chips of the service's long search, in as many chunks."""
TAKES_TIME = {"seconds"}
"""Figures of a result that say how long it took."""


def submitted(client: httpx.Client) -> str:
    """The id of a new search."""
    answer = client.post("/api/evaluation/submit", json=long(**SMALLER))
    answer.raise_for_status()
    return answer.json()["task_id"]


def status(client: httpx.Client, task: str) -> dict[str, Any]:
    """How far the search is."""
    return client.get(f"/api/evaluation/tasks/{task}").json()


def results(client: httpx.Client, task: str) -> str:
    """What the search found, but for what differs between any two runs."""
    found = client.get(f"/api/evaluation/tasks/{task}/results").json()
    shown = {name: found[name] for name in ("top_k_plans", "infeasible_plans", "search_stats")}
    shown["search_stats"] = {k: v for k, v in shown["search_stats"].items() if k not in TAKES_TIME}
    return json.dumps(shown, sort_keys=True)


def reached(client: httpx.Client, task: str, progress: float) -> Callable[[], bool]:
    """Whether the search is that far, or has ended."""

    def far_enough() -> bool:
        now = status(client, task)
        return now["progress"] >= progress or now["status"] not in {"pending", "running"}

    return far_enough


def worker_process(cluster: DaskCluster) -> int:
    """One of the processes that compute: a nanny's child."""
    nanny = cluster.workers[0].pid
    tasks = Path(f"/proc/{nanny}/task").glob("*/children")
    children = [int(pid) for task in tasks for pid in task.read_text().split()]
    return next(pid for pid in children if b"spawn_main" in _command(pid))


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def undisturbed(folder: Path) -> tuple[str, float]:
    """The results of this machine's own workers, and how long they took."""
    server = RunningServer(folder / "local")
    try:
        with client_of(server) as client:
            return _ended(client, submitted(client))
    finally:
        server.stop()


def disturbed(folder: Path, cluster: DaskCluster) -> tuple[str, float]:
    """The results of the cluster that loses a worker and then its scheduler."""
    server = RunningServer(folder / "dask", TIER6_EXECUTOR=cluster.url)
    try:
        with client_of(server) as client:
            task = submitted(client)
            eventually(reached(client, task, 20), "a fifth is done")
            os.kill(worker_process(cluster), signal.SIGKILL)
            print(f"worker killed at     {status(client, task)['progress']:5.1f} %")
            eventually(reached(client, task, 50), "half is done")
            cluster.kill_scheduler()
            print(f"scheduler killed at  {status(client, task)['progress']:5.1f} %")
            time.sleep(2)
            print(
                f"two seconds later    {status(client, task)['progress']:5.1f} %, "
                f"{status(client, task)['status']}"
            )
            cluster.start_scheduler()
            cluster.start_workers(2)
            return _ended(client, task)
    finally:
        server.stop()
        log = server.log.read_text()
        for event in ("dask_worker_gone", "chunk_lost", "executor_refuses", "dask_scheduler_lost"):
            print(f"{event:20} {log.count(event):5}")


def _ended(client: httpx.Client, task: str) -> tuple[str, float]:
    began = time.monotonic()
    eventually(reached(client, task, 101), "the search ends")
    end = status(client, task)
    assert end["status"] == "completed", end
    return results(client, task), time.monotonic() - began


def main() -> None:
    """Prints what happened and whether the results are equal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cluster = DaskCluster(folder)
        try:
            cluster.start_workers(2)
            ours, seconds = undisturbed(folder)
            print(f"undisturbed, local   {seconds:5.1f} s")
            theirs, seconds = disturbed(folder, cluster)
            print(f"rest on the cluster  {seconds:5.1f} s")
        finally:
            cluster.stop()
    print("results equal" if ours == theirs else "RESULTS DIFFER")


if __name__ == "__main__":
    main()
