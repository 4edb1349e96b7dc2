"""The contract of an executor, on the local one."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from llm_simulator.errors import WorkerLost
from llm_simulator.executors.envelope import enveloped
from llm_simulator.executors.executor import Executor
from llm_simulator.executors.local import LocalExecutor
from llm_simulator.executors.worker import WORKER_NICENESS
from tests.service import work
from tests.service.running_server import PATIENCE, alive, eventually


@pytest.fixture
def executor() -> Iterator[Executor]:
    """Two workers."""
    local = LocalExecutor(2)
    yield local
    local.close()


def test_a_call_gives_the_function_s_answer(executor: Executor) -> None:
    futures = [executor.submit(work.doubled, n) for n in range(10)]
    assert [future.result(PATIENCE) for future in futures] == [2 * n for n in range(10)]


def test_workers_are_polite(executor: Executor) -> None:
    expected = min(os.nice(0) + WORKER_NICENESS, 19)
    assert executor.submit(work.niceness).result(PATIENCE) == expected


def test_cancelling_stops_a_call_that_runs(executor: Executor, tmp_path: Path) -> None:
    ticks = tmp_path / "ticks"
    call = executor.submit(work.tick_for_ever, str(ticks))
    eventually(ticks.exists, "the call runs")
    assert call.cancel()
    with pytest.raises(CancelledError):
        call.result(PATIENCE)

    def still() -> bool:
        before = ticks.read_text()
        time.sleep(0.2)
        return ticks.read_text() == before

    eventually(still, "the ticking stops")
    assert executor.submit(work.doubled, 4).result(PATIENCE) == 8


def test_a_worker_s_death_costs_its_own_call_only(executor: Executor) -> None:
    lost = executor.submit(work.die)
    others = [executor.submit(work.doubled, n) for n in range(20)]
    with pytest.raises(WorkerLost):
        lost.result(PATIENCE)
    assert [other.result(PATIENCE) for other in others] == [2 * n for n in range(20)]


def test_the_death_of_idle_workers_costs_nothing(executor: Executor) -> None:
    for _ in range(3):
        os.kill(executor.submit(work.process_id).result(PATIENCE), signal.SIGKILL)
        _answers_again(executor)


def test_a_death_in_the_middle_of_an_answer_costs_no_other_call(executor: Executor) -> None:
    lost = executor.submit(work.die_while_answering)
    with pytest.raises(WorkerLost):
        lost.result(PATIENCE)
    _answers_again(executor)


def test_closing_ends_the_workers() -> None:
    local = LocalExecutor(1)
    worker = local.submit(work.process_id).result(PATIENCE)
    local.close()
    eventually(lambda: not alive(worker), "the worker ends")


def test_a_failure_comes_back_in_an_envelope() -> None:
    def fails() -> None:
        raise ZeroDivisionError("/a/secret/path")

    envelope = enveloped(fails)
    assert not envelope["ok"]
    assert "/a/secret/path" not in envelope["error"]
    assert "ZeroDivisionError" in envelope["trace"]


def _answers_again(executor: Executor) -> None:
    def answers() -> bool:
        try:
            return executor.submit(work.doubled, 1).result(PATIENCE) == 2
        except WorkerLost:
            return False

    eventually(answers, "calls work again")
