"""The contract of an executor, on each of them; then what only one of them can meet."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import pytest

import llm_simulator
from llm_simulator.errors import EngineDown, InvalidInput, RunFailed, WorkerLost
from llm_simulator.executors.choice import executor_of
from llm_simulator.executors.codec import answer_of, encoded_call, run_call
from llm_simulator.executors.dask_cluster import DaskExecutor
from llm_simulator.executors.executor import Executor
from llm_simulator.executors.local import LocalExecutor
from llm_simulator.settings import Settings
from tests.service import executor_work, work
from tests.service.dask_cluster import DaskCluster
from tests.service.running_server import PATIENCE, alive, eventually


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Two workers of one thread."""
    cluster = DaskCluster(tmp_path_factory.mktemp("dask"))
    cluster.start_workers(2)
    yield cluster
    cluster.stop()


@pytest.fixture(params=["local", "dask"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Two workers."""
    if request.param == "local":
        started: Executor = LocalExecutor(2)
    else:
        started = DaskExecutor(*request.getfixturevalue("cluster").host_and_port, stuck_seconds=0.5)
    eventually(lambda: started.slots == 2, "two workers are there")
    yield started
    started.close()


def test_a_call_gives_the_function_s_answer(executor: Executor) -> None:
    futures = [executor.submit(work.doubled, n) for n in range(10)]
    assert [future.result(PATIENCE) for future in futures] == [2 * n for n in range(10)]
    assert executor.down is None


def test_equal_calls_are_each_computed(executor: Executor, tmp_path: Path) -> None:
    file = tmp_path / "file"
    for _ in range(2):
        executor.submit(executor_work.written, str(file)).result(PATIENCE)
        file.unlink()


def test_large_arguments_and_answers_travel(executor: Executor) -> None:
    data = os.urandom(20_000_000)
    assert executor.submit(executor_work.length, data).result(PATIENCE) == len(data)
    assert executor.submit(bytes, data).result(PATIENCE) == data


def test_workers_are_polite(executor: Executor) -> None:
    for _ in range(3):
        assert executor.submit(work.niceness).result(PATIENCE) == min(os.nice(0) + 10, 19)


@pytest.mark.parametrize(
    "function", [executor_work.raises, executor_work.unpicklable, executor_work.unreadable]
)
def test_what_does_not_travel_is_told_and_breaks_nothing(
    executor: Executor, function: Callable[[], object]
) -> None:
    with pytest.raises(RunFailed, match=r"failed unexpectedly \((Stubborn|TypeError|ValueError)\)"):
        executor.submit(function).result(PATIENCE)
    assert executor.submit(work.doubled, 4).result(PATIENCE) == 8


def test_cancelling_ends_a_call_that_runs(executor: Executor, tmp_path: Path) -> None:
    started = tmp_path / "started"
    call = executor.submit(executor_work.opened_gate, str(started), str(tmp_path / "never"))
    eventually(lambda: started.exists() and started.read_text(), "the call runs")
    assert call.cancel()
    with pytest.raises(CancelledError):
        call.result(PATIENCE)
    assert executor.submit(work.doubled, 4).result(PATIENCE) == 8
    eventually(lambda: not alive(int(started.read_text())), "its process ends")
    eventually(lambda: executor.slots == 2, "there are two workers again")


def test_a_call_cancelled_while_it_waits_never_runs(executor: Executor, tmp_path: Path) -> None:
    gate, never = tmp_path / "gate", tmp_path / "never"
    holding = _holding(executor, tmp_path, gate)
    waiting = executor.submit(executor_work.written, str(never))
    assert waiting.cancel()
    # A cluster's worker hears of it by way of the scheduler.
    time.sleep(0.3)
    gate.touch()
    assert [call.result(PATIENCE) for call in holding] == [str(gate)] * 2
    assert [executor.submit(work.doubled, n).result(PATIENCE) for n in range(3)] == [0, 2, 4]
    assert not never.exists()


def test_a_call_that_has_ended_can_t_be_cancelled(executor: Executor) -> None:
    call = executor.submit(work.doubled, 4)
    assert call.result(PATIENCE) == 8
    assert not call.cancel()
    assert call.result() == 8


def test_a_worker_s_death_costs_its_own_call_only(executor: Executor) -> None:
    lost = executor.submit(work.die)
    others = [executor.submit(work.doubled, n) for n in range(20)]
    with pytest.raises(WorkerLost, match="its worker process died"):
        lost.result(PATIENCE)
    assert [other.result(PATIENCE) for other in others] == [2 * n for n in range(20)]


def test_a_death_noticed_before_its_call_was_heard_of_costs_no_other_call(tmp_path: Path) -> None:
    strangers = _workers()
    local = LocalExecutor(2)
    gate, started, heard = tmp_path / "gate", tmp_path / "started", threading.Event()
    first = local.submit(executor_work.opened_gate, str(tmp_path / "first"), str(gate))
    # Runs in the thread that reads what workers say, which hears nothing more until the end of it.
    first.add_done_callback(lambda _: heard.wait(PATIENCE))
    gate.touch()
    assert first.result(PATIENCE) == str(gate)
    lost = local.submit(executor_work.die_known, str(started))
    others = [local.submit(work.doubled, n) for n in range(5)]
    eventually(lambda: started.exists() and started.read_text(), "the call runs")
    eventually(lambda: not alive(int(started.read_text())), "its worker dies")
    eventually(lambda: len(_workers() - strangers) == 2, "another takes its place")
    heard.set()
    with pytest.raises(WorkerLost, match="its worker process died"):
        lost.result(PATIENCE)
    assert [other.result(PATIENCE) for other in others] == [2 * n for n in range(5)]
    local.close()


def test_the_death_of_all_workers_ends_every_call(executor: Executor, tmp_path: Path) -> None:
    holding = _holding(executor, tmp_path, tmp_path / "gate")
    for started in tmp_path.glob("started-*"):
        os.kill(int(started.read_text()), signal.SIGKILL)
    for call in holding:
        with pytest.raises(WorkerLost):
            call.result(PATIENCE)
    _answers_again(executor, 21)


def test_the_death_of_idle_workers_costs_nothing(executor: Executor) -> None:
    for _ in range(2):
        os.kill(executor.submit(work.process_id).result(PATIENCE), signal.SIGKILL)
        _answers_again(executor, 21)


def test_closing_ends_the_calls_lost(executor: Executor, tmp_path: Path) -> None:
    holding = _holding(executor, tmp_path, tmp_path / "gate")
    executor.close()
    (tmp_path / "gate").touch()
    for call in holding:
        with pytest.raises(WorkerLost):
            call.result(PATIENCE)


def test_a_death_in_the_middle_of_an_answer_costs_no_other_call() -> None:
    local = LocalExecutor(2)
    lost = local.submit(executor_work.die_while_answering)
    with pytest.raises(WorkerLost):
        lost.result(PATIENCE)
    _answers_again(local, 21)
    local.close()


def test_closing_ends_the_local_workers() -> None:
    local = LocalExecutor(1)
    worker = local.submit(work.process_id).result(PATIENCE)
    local.close()
    eventually(lambda: not alive(worker), "the worker ends")


def test_a_worker_that_starts_leaves_stops_to_its_server(capfd: pytest.CaptureFixture[str]) -> None:
    others = _workers()
    local = LocalExecutor(1)
    [worker] = _workers() - others
    call = local.submit(work.process_id)
    while not call.done():
        os.kill(worker, signal.SIGINT)
        os.kill(worker, signal.SIGTERM)
        time.sleep(0.01)
    assert call.result() == worker
    local.close()
    assert capfd.readouterr().err == ""


def test_closing_while_workers_start_leaves_no_trace(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    local = LocalExecutor(4)
    started = [tmp_path / f"started-{number}" for number in range(4)]
    large, *others = [
        local.submit(function, str(file), str(tmp_path / "never"))
        for file, function in zip(
            started,
            [executor_work.opened_gate_with_memory, *[executor_work.opened_gate] * 3],
            strict=True,
        )
    ]
    eventually(lambda: all(file.exists() and file.read_text() for file in started), "all run")
    killed = [int(file.read_text()) for file in started[1:]]
    for call in others:
        call.cancel()
    eventually(lambda: not any(map(alive, killed)), "others take the place of three workers")
    local.close()
    assert isinstance(large.exception(PATIENCE), WorkerLost)
    assert capfd.readouterr().err == ""


def test_a_lost_scheduler_is_waited_for_and_workers_of_another_version_are_refused(
    cluster: DaskCluster, tmp_path: Path
) -> None:
    old = tmp_path / "old.py"
    old.write_text("import llm_simulator\nllm_simulator.__version__ = '0.0.9'\n")
    executor = DaskExecutor(*cluster.host_and_port)
    eventually(lambda: executor.slots == 2, "two workers are there")
    holding = _holding(executor, tmp_path, tmp_path / "gate")
    cluster.kill_scheduler()
    for call in holding:
        with pytest.raises(EngineDown):
            call.result(PATIENCE)
    with pytest.raises(EngineDown, match="the Dask scheduler can't be reached"):
        executor.submit(work.doubled, 1)
    assert executor.slots == 0
    (tmp_path / "gate").touch()

    cluster.start_scheduler()
    cluster.start_workers(1, f"--preload={old}")
    eventually(lambda: "refused" in (executor.down or ""), "it is back; the worker is refused")
    ours = llm_simulator.__version__
    with pytest.raises(EngineDown, match=rf"runs Tier6 0\.0\.9 .* the server {ours} "):
        executor.submit(work.doubled, 1)

    cluster.start_workers(2)
    eventually(lambda: executor.slots == 2, "the other two are taken")
    refused = cluster.workers[-2].pid
    calls = [executor.submit(executor_work.parent_process_id) for _ in range(6)]
    assert refused not in {call.result(PATIENCE) for call in calls}
    assert executor.submit(work.doubled, 21).result(PATIENCE) == 42
    executor.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ray://head:10001", "there is no Ray engine yet"),
        ("slurm://head", "names no engine; expected 'local' or 'dask://HOST:8786'"),
        ("dask://", "is not the address of a scheduler"),
        ("dask://head:many", "is not the address of a scheduler"),
        ("dask://8.8.8.8", "is no private address, and calls are code"),
    ],
)
def test_an_unknown_engine_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        executor_of(Settings(executor_url=url))
    assert refusal.value.problems[0].field == "TIER6_EXECUTOR"


def test_certificates_that_are_not_all_there_are_refused(tmp_path: Path) -> None:
    public: dict[str, Any] = {"executor_url": "dask://8.8.8.8", "dask_tls_ca": tmp_path / "ca"}
    with pytest.raises(InvalidInput, match="TLS needs all three"):
        executor_of(Settings(**public))
    files: dict[str, Any] = {f"dask_tls_{name}": tmp_path / name for name in ("cert", "key")}
    with pytest.raises(InvalidInput, match="ca is not a file"):
        executor_of(Settings(**public, **files))


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "llm_simulator.executors.dask_cluster")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InvalidInput, match=r"install 'tier6\[dask\]'"):
        executor_of(Settings(executor_url="dask://head"))


def test_a_failure_says_no_secret_and_a_wrong_request_its_fields() -> None:
    with pytest.raises(RunFailed, match="unexpectedly") as failure:
        answer_of(run_call(encoded_call(int, "/a/secret/path")))
    assert "/a/secret/path" not in str(failure.value)
    with pytest.raises(InvalidInput) as wrong:
        answer_of(run_call(encoded_call(executor_work.refuses)))
    assert [problem.field for problem in wrong.value.problems] == ["a", "b"]


def _workers() -> set[int]:
    """The processes that local executors have started and not yet found dead."""
    return {child.pid or 0 for child in multiprocessing.active_children()}


def _holding(executor: Executor, folder: Path, gate: Path) -> list[Future[Any]]:
    """Two calls that keep both workers busy until the gate opens; the workers run them now."""
    started = [folder / f"started-{number}" for number in range(2)]
    calls = [executor.submit(executor_work.opened_gate, str(file), str(gate)) for file in started]
    eventually(lambda: all(file.exists() and file.read_text() for file in started), "both run")
    return calls


def _answers_again(executor: Executor, argument: Any) -> None:
    def answers() -> bool:
        try:
            return executor.submit(work.doubled, argument).result(PATIENCE) == 42
        except WorkerLost:
            return False

    eventually(answers, "calls work again")
