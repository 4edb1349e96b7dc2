"""Rounds of breaking things: 20 tasks are submitted, something dies meanwhile, and all must end.

    python -m benchmarks.chaos [--rounds 10] [--postgresql] [--seed 0]

Each round breaks one thing at a random moment while clients submit (and send again what got no
answer, under the same Idempotency-Key) or while the tasks run: the server is killed -9, or stopped
twice, once while it runs and once while it starts (by SIGTERM or SIGINT, alone or with its workers;
it must end with code 0 and no trace), one worker or all are killed -9, another process holds
SQLite's write lock for some seconds, PostgreSQL loses all connections or is away for some seconds.
At the end no task may be lost, unfinished or there twice, every plan must equal that of an
undisturbed evaluation as it is kept, and the experiments' counters and the database must
be sound. Prints a line per round and a verdict.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
from sqlalchemy import func, select, text

from llm_simulator.database import Database
from llm_simulator.evaluate import evaluate_request
from llm_simulator.models import EvaluationChunk, EvaluationTask, Experiment
from llm_simulator.settings import DATABASE_FILE
from llm_simulator.task_manager.rows.detail_rows import NOTHING, stored_details
from llm_simulator.task_manager.rows.digits import with_kept_digits
from llm_simulator.task_manager.rows.result_rows import without_breakdown
from tests.service.postgres import fresh_database, own_postgresql
from tests.service.running_server import RunningServer, alive, eventually

TASKS = 20
PATIENCE_SECONDS = 180.0
LATEST_SECONDS = 1.5
"""Nothing breaks later after the first submission of a round."""
SEARCH: dict[str, Any] = {
    "topology": "pod-64",
    "model": "deepseek-v3",
    "hardware": "h200-sxm",
    "inference": {"input_seq_length": 1024, "output_seq_length": 256},
    "search_constraints": {"top_k": 3},
}
ONE_PLAN: dict[str, Any] = SEARCH | {
    "model": "llama-3.1-8b",
    "topology": "server-8",
    "search_mode": "manual",
    "manual_parallelism": {"tp": 8},
}
BODIES = [
    body | {"inference": SEARCH["inference"] | {"input_seq_length": prompt}}
    for body in (SEARCH, ONE_PLAN, ONE_PLAN)
    for prompt in (512, 1024)
]
"""One submission after the other takes the next of these."""


class Clients:
    """Submits a round's tasks in a thread of its own, each until it is accepted."""

    def __init__(self, url: str, experiment: str) -> None:
        self.accepted: dict[str, int] = {}
        """The number of the body by task."""
        self.sent_again = 0
        self._url = url
        self._experiment = experiment
        self._thread = threading.Thread(target=self._submit_all)
        self._thread.start()

    def join(self) -> None:
        """Returns when all tasks are accepted."""
        self._thread.join()
        if len(self.accepted) != TASKS:
            raise SystemExit(
                f"{len(self.accepted)} of {TASKS} submissions gave a task of their own"
            )

    def _submit_all(self) -> None:
        with httpx.Client(base_url=self._url, timeout=30) as http:
            for number in range(TASKS):
                kind = number % len(BODIES)
                body = BODIES[kind] | {"experiment_name": self._experiment}
                key = {"Idempotency-Key": f"{self._experiment} {number}".replace(" ", "-")}
                self.accepted[self._submit(http, body, key)] = kind

    def _submit(self, http: httpx.Client, body: dict[str, Any], key: dict[str, str]) -> str:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with suppress(httpx.TransportError):
                answer = http.post("/api/evaluation/submit", json=body, headers=key)
                if answer.status_code == httpx.codes.OK:
                    return answer.json()["task_id"]
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    raise SystemExit(f"submission refused: {answer.text}")
            self.sent_again += 1
            time.sleep(0.05)
        raise SystemExit("a submission was never accepted")


class Scene:
    """The server, its database and who may break what."""

    def __init__(self, folder: Path, chance: random.Random, postgresql: Any = None) -> None:
        self.chance = chance
        self._postgresql = postgresql
        data = folder / "server"
        self.url = f"sqlite:///{data / DATABASE_FILE}"
        """The database's address."""
        if postgresql is not None:
            self.url = fresh_database(postgresql.get_uri())
        self.server = RunningServer(data, TIER6_LOG_LEVEL="warning", DATABASE_URL=self.url)

    def kill_server(self) -> str:
        """Kill -9 of the server; its workers must end by themselves."""
        workers = self.server.workers()
        self.server.kill()
        eventually(lambda: not any(map(alive, workers)), "the orphaned workers end")
        return f"server killed, back in {self._restarted():.1f} s"

    def stop_server(self) -> str:
        """Two orderly stops of the server, the second while it starts its workers."""
        first = self._stopped()
        self.server.restart()
        time.sleep(self.chance.uniform(0.0, LATEST_SECONDS))
        second = self._stopped()
        return (
            f"server stopped in {first:.1f} and {second:.1f} s, back in {self._restarted():.1f} s"
        )

    def kill_worker(self) -> str:
        """Kill -9 of one worker."""
        return f"{self._killed(self.server.workers()[:1])} worker killed"

    def kill_all_workers(self) -> str:
        """Kill -9 of all workers at once."""
        return f"{self._killed(self.server.workers())} workers killed"

    def lock_database(self) -> str:
        """SQLite's write lock in the hands of another process for some seconds."""
        seconds = self.chance.uniform(1, 4)
        with closing(sqlite3.connect(self.server.database, isolation_level=None)) as other:
            other.execute("PRAGMA busy_timeout=10000")
            other.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            other.execute("ROLLBACK")
        return f"database locked for {seconds:.1f} s"

    def cut_connections(self) -> str:
        """The end of every connection to PostgreSQL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cut = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        assert cut, "there was no connection to cut"
        return f"{len(cut)} connections cut"

    def stop_database(self) -> str:
        """PostgreSQL away for some seconds."""
        seconds = self.chance.uniform(0, 5)
        self._postgresql.stop()
        time.sleep(seconds)
        self._postgresql.ensure_postgres_running()
        return f"database away for {seconds:.1f} s"

    def faults(self) -> Sequence[Callable[[], str]]:
        """What may break, as often as it should."""
        of_the_database = (
            [self.lock_database] * 2
            if self._postgresql is None
            else [self.cut_connections, self.stop_database]
        )
        of_workers = [self.kill_worker, self.kill_worker, self.kill_all_workers]
        return [*[self.kill_server] * 5, self.stop_server, *of_workers, *of_the_database]

    def _stopped(self) -> float:
        """The seconds of a stop of the server alone, or with its workers as by Ctrl-C."""
        log = len(self.server.log.read_text())
        number = self.chance.choice([signal.SIGTERM, signal.SIGINT])
        began = time.monotonic()
        if self.chance.random() < 0.5:
            self._killed(self.server.workers(), number)
        if (code := self.server.stop(number)) != 0:
            raise SystemExit(f"the stopped server ended with code {code}")
        took = time.monotonic() - began
        if "Traceback" in (written := self.server.log.read_text()[log:]):
            raise SystemExit(f"the stopped server left a trace:\n{written}")
        return took

    def _restarted(self) -> float:
        began = time.monotonic()
        self.server.restart()
        return time.monotonic() - began

    def _killed(self, workers: Sequence[int], number: int = signal.SIGKILL) -> int:
        killed = 0
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, number)
                killed += 1
        return killed


def round_of(scene: Scene, number: int) -> dict[str, int]:
    """What was accepted, after it has ended: by task, the number of its body."""
    began = time.monotonic()
    experiment = f"round {number}"
    clients = Clients(scene.server.base_url, experiment)
    time.sleep(scene.chance.uniform(0.0, LATEST_SECONDS))
    happened = scene.chance.choice(scene.faults())()
    clients.join()
    _wait_for_the_end(scene.server, experiment)
    again = f", {clients.sent_again} sent again" if clients.sent_again else ""
    print(f"{experiment}: {happened}{again}; {time.monotonic() - began:.1f} s", flush=True)
    return clients.accepted


def _wait_for_the_end(server: RunningServer, experiment: str) -> None:
    """Returns when no task of the experiment is active any more."""
    query = {"experiment_name": experiment, "status": ["pending", "running"]}
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with suppress(httpx.TransportError):
            listed = httpx.get(f"{server.base_url}/api/evaluation/tasks", params=query, timeout=60)
            if listed.status_code == httpx.codes.OK and not listed.json()["total"]:
                return
        time.sleep(0.2)
    raise SystemExit(f"{experiment}: tasks are still active after {PATIENCE_SECONDS:.0f} s")


def verdict(url: str, accepted: dict[str, int]) -> list[str]:
    """What is wrong in the database; empty when all is well."""
    undisturbed = [_plans_of(body) for body in BODIES]
    database = Database.open(url)
    wrong: Counter[str] = Counter()
    with closing(database), database.reading() as session:
        columns = (EvaluationTask.id, EvaluationTask.task_id, EvaluationTask.status)
        tasks = session.execute(select(*columns)).all()
        wrong["tasks lost"] = len(accepted.keys() - {task.task_id for task in tasks})
        wrong["tasks that nobody was told of"] = len({t.task_id for t in tasks} - accepted.keys())
        for task in tasks:
            wrong[f"tasks {task.status}"] += task.status != "completed"
            found = stored_details(session, [task.id]).get(task.id, NOTHING).plans
            expected = undisturbed[accepted.get(task.task_id, 0)]
            wrong["tasks with other results"] += _sorted(found) != expected
        chunks = select(func.count()).select_from(EvaluationChunk)
        wrong["chunks left behind"] = session.execute(chunks).scalar_one()
        wrong["wrong counters"] = _wrong_counters(session)
        if not database.shared:
            sound = session.execute(text("PRAGMA integrity_check")).all() == [("ok",)]
            wrong["damaged database"] = not sound
    return [f"{count} {what}" for what, count in wrong.items() if count]


def _plans_of(body: dict[str, Any]) -> list[str]:
    result = evaluate_request(body).as_json()
    misses = [without_breakdown(plan) for plan in result["infeasible_plans"]]
    return _sorted(with_kept_digits([*result["top_k_plans"], *misses]))


def _sorted(plans: Any) -> list[str]:
    return sorted(json.dumps(plan, sort_keys=True) for plan in plans)


def _wrong_counters(session: Any) -> int:
    def count(*conditions: Any) -> Any:
        tasks = select(func.count()).where(EvaluationTask.experiment_id == Experiment.id)
        return tasks.where(*conditions).scalar_subquery()

    completed = count(EvaluationTask.status == "completed")
    wrong = (Experiment.total_tasks != count()) | (Experiment.completed_tasks != completed)
    return session.execute(select(func.count()).select_from(Experiment).where(wrong)).scalar_one()


def main() -> None:
    """Runs the rounds and prints the verdict."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgresql = stack.enter_context(own_postgresql(folder)) if given.postgresql else None
        scene = Scene(folder, random.Random(given.seed), postgresql)
        accepted: dict[str, int] = {}
        try:
            for number in range(given.rounds):
                accepted |= round_of(scene, number)
        finally:
            scene.server.stop()
        wrong = verdict(scene.url, accepted)
    print(f"{given.rounds} rounds, {len(accepted):,} tasks: {'; '.join(wrong) or 'all well'}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
