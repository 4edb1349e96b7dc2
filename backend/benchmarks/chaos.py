"""Rounds of killing: 20 tasks are submitted, the server or a worker is killed -9, and all must end.

Each round starts a real server on one database, kills it or one of its workers at a random moment,
starts it again, and waits for the tasks. At the end: no task lost or unfinished, no result twice,
experiment counters right, every result as an undisturbed run gives it, the database sound.
Prints one line per round and a verdict; ``--rounds 200`` is the whole proof.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

PORT = 8131
TASKS = 20
PATIENCE_SECONDS = 180.0
BODY = {
    "topology": "pod-64",
    "model": "deepseek-v3",
    "hardware": "h200-sxm",
    "inference": {"input_seq_length": 1024, "output_seq_length": 256},
    "search_constraints": {"top_k": 3},
}


class Server:
    """A real server process on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._environment = os.environ | {
            "TIER6_PORT": str(PORT),
            "TIER6_DATA_DIR": str(folder),
            "TIER6_PREVIEW_WORKERS": "0",
        }
        self.url = f"http://127.0.0.1:{PORT}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Seconds until it answers."""
        began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "main.py"],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while True:
            try:
                httpx.get(f"{self.url}/readyz", timeout=2).raise_for_status()
                return time.monotonic() - began
            except httpx.HTTPError:
                time.sleep(0.1)

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[int]:
        """Its worker processes."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(child) for child in children]

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Ends the server."""
        os.kill(self.pid, number)
        assert self._process is not None
        self._process.wait()


def submitted(server: Server, experiment: str) -> list[str]:
    """The ids of new tasks, which differ in their prompts."""
    ids = []
    for number in range(TASKS):
        load = BODY["inference"] | {"input_seq_length": 512 + 64 * (number % 4)}  # pyright: ignore
        body = BODY | {"experiment_name": experiment, "inference": load}
        answer = httpx.post(f"{server.url}/api/evaluation/submit", json=body, timeout=60)
        ids.append(answer.raise_for_status().json()["task_id"])
    return ids


def waited_for(server: Server, experiment: str) -> None:
    """Returns when no task of the experiment is active any more."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        listed = httpx.get(
            f"{server.url}/api/evaluation/tasks",
            params={"experiment_name": experiment, "limit": 100},
            timeout=60,
        ).json()["tasks"]
        if all(task["status"] not in ("pending", "running") for task in listed):
            return
        time.sleep(0.3)
    raise SystemExit(f"{experiment}: tasks are still active after {PATIENCE_SECONDS:.0f} s")


def disturbed(server: Server, chance: random.Random) -> str:
    """What was killed, a random moment after the submissions."""
    time.sleep(chance.uniform(0.0, 1.5))
    workers = server.workers()
    if workers and chance.random() < 0.5:
        victim = chance.choice(workers)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return "a worker that had ended by itself"
        return f"worker {victim}"
    server.kill()
    return f"server, back in {server.start():.1f} s"


def verdict(database: Path, ids: list[str]) -> list[str]:
    """What is wrong in the database; empty when all is well."""
    wrong = []
    with sqlite3.connect(database) as connection:

        def ask(query: str) -> list[Any]:
            return connection.execute(query).fetchall()

        stored = {row[0]: row[1] for row in ask("SELECT task_id, status FROM evaluation_tasks")}
        lost = [task for task in ids if task not in stored]
        if lost:
            wrong.append(f"{len(lost)} tasks lost")
        odd = {status for status in stored.values() if status != "completed"}
        if odd:
            wrong.append(f"states other than completed: {sorted(odd)}")
        twice = "SELECT task_id, rank FROM evaluation_results WHERE rank IS NOT NULL GROUP BY 1, 2"
        if ask(f"{twice} HAVING count(*) > 1"):
            wrong.append("a result is stored twice")
        bare = (
            "SELECT id FROM evaluation_tasks WHERE id NOT IN "
            "(SELECT task_id FROM evaluation_results)"
        )
        if ask(bare):
            wrong.append("a completed task without results")
        if ask("SELECT id FROM evaluation_chunks"):
            wrong.append("chunks are left of ended tasks")
        counted = (
            "SELECT e.id FROM experiments e WHERE e.total_tasks != (SELECT count(*) FROM "
            "evaluation_tasks t WHERE t.experiment_id = e.id) OR e.completed_tasks != (SELECT "
            "count(*) FROM evaluation_tasks t WHERE t.experiment_id = e.id "
            "AND status = 'completed')"
        )
        if ask(counted):
            wrong.append("experiment counters are off")
        different = (
            "SELECT json_extract(t.request, '$.inference.input_seq_length') AS prompt, r.rank, "
            "count(DISTINCT r.score), count(DISTINCT r.ttft) FROM evaluation_results r JOIN "
            "evaluation_tasks t ON t.id = r.task_id WHERE r.rank IS NOT NULL GROUP BY 1, 2 "
            "HAVING count(DISTINCT r.score) > 1 OR count(DISTINCT r.ttft) > 1"
        )
        if ask(different):
            wrong.append("equal requests have different results")
        if ask("PRAGMA integrity_check") != [("ok",)]:
            wrong.append("the database is damaged")
    return wrong


def main() -> None:
    """Runs the rounds and prints the verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        server.start()
        ids: list[str] = []
        try:
            for number in range(given.rounds):
                began = time.monotonic()
                ids += submitted(server, f"round {number}")
                killed = disturbed(server, chance)
                waited_for(server, f"round {number}")
                print(f"round {number}: {killed}; {time.monotonic() - began:.1f} s", flush=True)
        finally:
            server.kill(signal.SIGTERM)
        wrong = verdict(Path(folder) / "llm_evaluations.db", ids)
    print(f"{given.rounds} rounds, {len(ids)} tasks: {'; '.join(wrong) or 'all well'}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
