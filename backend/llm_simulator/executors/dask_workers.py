"""The workers of a Dask cluster that may compute for us, and who computes which call.

Everything here happens on the executor's event loop. Each call goes to one worker by name: so it
is known whose call a dead worker had, and a worker with other code never gets one.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import structlog
from distributed import Client
from distributed import Future as DaskFuture
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from llm_simulator.errors import EngineDown, InvalidInput, RunFailed, WorkerLost
from llm_simulator.executors.codec import answer_of, run_call
from llm_simulator.executors.dask_call import DaskCall
from llm_simulator.executors.identity import code_identity, registered

STUCK_SECONDS = 10.0
"""How long a dropped call may go on before its worker is restarted."""
DIED = "its worker process died"
UNREACHABLE = "the Dask scheduler can't be reached"

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class RemoteWorker:
    """A worker: its calls run in their order, as many at once as it has threads."""

    address: str
    threads: int
    calls: dict[DaskCall, "asyncio.Task[None]"] = field(default_factory=dict)
    registration: "asyncio.Task[None] | None" = None
    ready: bool = False
    refusal: str | None = None

    @property
    def load(self) -> float:
        """Calls per thread."""
        return len(self.calls) / self.threads

    def runs(self, call: DaskCall) -> bool:
        """Whether the call is among those that have a thread."""
        return call in list(self.calls)[: self.threads]


@dataclass(frozen=True)
class WorkerTerms:
    """What every worker is asked to do."""

    modules: Sequence[str]
    niceness: int
    stuck_seconds: float = STUCK_SECONDS


class WorkerPool:
    """All workers of one connection to a scheduler.

    ``changed`` is called when they change, ``lost`` when calls show that the connection is lost.
    """

    def __init__(
        self,
        client: Client,
        terms: WorkerTerms,
        *,
        changed: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self._client = client
        self._terms = terms
        self._changed = changed
        self._lost = lost
        self._ours = code_identity()
        self._workers: dict[str, RemoteWorker] = {}

    @property
    def slots(self) -> int:
        """Threads of the workers that may compute for us."""
        return sum(worker.threads for worker in self._workers.values() if worker.ready)

    @property
    def refusal(self) -> str | None:
        """Why a worker that is there gets no calls; None when there is none such."""
        return next((worker.refusal for worker in self._workers.values() if worker.refusal), None)

    def agree(self, listed: Mapping[str, Mapping[str, Any]]) -> None:
        """Takes up workers that are new in the scheduler's list and drops those that are gone."""
        for address in self._workers.keys() - listed.keys():
            self.gone(address)
        for address in listed.keys() - self._workers.keys():
            worker = RemoteWorker(address, listed[address]["nthreads"])
            self._workers[address] = worker
            worker.registration = asyncio.create_task(self._register(worker))

    async def registered(self, patience: float) -> None:
        """Returns when every worker known now is taken up or refused, or patience is over."""
        registrations = [
            worker.registration for worker in self._workers.values() if worker.registration
        ]
        if registrations:
            await asyncio.wait(registrations, timeout=patience)

    def gone(self, address: str) -> None:
        """Ends what the worker computed; what still waited for it goes to another one."""
        worker = self._workers.pop(address, None)
        if worker is None:
            return
        log.warning("dask_worker_gone", worker=address)
        running = [call for call in worker.calls if worker.runs(call)]
        waiting = [call for call in worker.calls if call not in running]
        self._stop(worker)
        for call in running:
            call.fail(WorkerLost(DIED))
        for call in waiting:
            self.place(call)
        self._changed()

    def place(self, call: DaskCall) -> None:
        """Gives the call to the worker with the least to do."""
        ready = [worker for worker in self._workers.values() if worker.ready]
        if not ready:
            call.fail(EngineDown("the Dask cluster has no worker left"))
        elif not call.done():
            worker = min(ready, key=lambda worker: worker.load)
            worker.calls[call] = asyncio.create_task(self._attend(worker, call))

    def drop(self, call: DaskCall) -> None:
        """Forgets a cancelled call that waits; one that runs keeps its thread until it ends."""
        worker = next((m for m in self._workers.values() if call in m.calls), None)
        if worker is None:
            return
        if worker.runs(call):
            loop = asyncio.get_running_loop()
            loop.call_later(self._terms.stuck_seconds, self._restart_if_stuck, worker, call)
        else:
            worker.calls.pop(call).cancel()

    def dismiss(self) -> None:
        """Ends all calls: the connection is lost or closed."""
        workers = tuple(self._workers.values())
        self._workers.clear()
        for worker in workers:
            calls = tuple(worker.calls)
            self._stop(worker)
            for call in calls:
                call.fail(EngineDown(UNREACHABLE))

    async def _register(self, worker: RemoteWorker) -> None:
        """Lets a worker in if it runs the same code as this process."""
        try:
            theirs = await self._submitted(registered, worker, self._terms.modules)
        except FutureCancelledError:
            return  # The connection was lost.
        except Exception as error:
            theirs = f"none that can say its version ({type(error).__name__})"
        if theirs == self._ours:
            worker.ready = True
            log.info("dask_worker_joined", worker=worker.address, threads=worker.threads)
        else:
            worker.refusal = (
                f"a Dask worker is refused: it runs Tier6 {theirs}, the server {self._ours}; "
                "install the server's version there"
            )
            log.error("dask_worker_refused", worker=worker.address, reason=worker.refusal)
        self._changed()

    async def _attend(self, worker: RemoteWorker, call: DaskCall) -> None:
        """Ends the call as the worker ends it. The answer is fetched at once: it dies with it."""
        try:
            sent = self._submitted(politely_run, worker, self._terms.niceness, call.encoded)
            call.answer(answer_of(await sent))
        except FutureCancelledError as error:
            self._given_up(call, error)
        except KilledWorker:
            call.fail(WorkerLost(DIED))
        except (InvalidInput, RunFailed) as failure:
            call.fail(failure)
        except Exception as error:
            log.error("dask_call_failed", worker=worker.address, exc_info=True)
            call.fail(WorkerLost(f"Dask could not carry it out ({type(error).__name__})"))
        finally:
            worker.calls.pop(call, None)

    def _given_up(self, call: DaskCall, error: FutureCancelledError) -> None:
        if error.reason == "scheduler-connection-lost":
            self._lost()
            call.fail(EngineDown(UNREACHABLE))
        else:
            call.fail(WorkerLost(f"Dask gave it up ({error.reason})"))

    def _submitted(
        self, function: Callable[..., Any], worker: RemoteWorker, *args: Any
    ) -> DaskFuture:
        # A key of its own: Dask would answer two equal calls with one computation.
        return self._client.submit(
            function,
            *args,
            key=f"tier6-{uuid4().hex}",
            pure=False,
            workers=[worker.address],
            allow_other_workers=False,
        )

    def _restart_if_stuck(self, worker: RemoteWorker, call: DaskCall) -> None:
        if call in worker.calls and self._workers.get(worker.address) is worker:
            log.warning("dask_worker_stuck", worker=worker.address)
            worker.registration = asyncio.create_task(self._restart(worker))

    async def _restart(self, worker: RemoteWorker) -> None:
        try:
            await self._client.restart_workers([worker.address], raise_for_error=False)
        except Exception as error:
            # Without a nanny nobody can restart it; its thread stays taken until it ends.
            log.error("dask_worker_not_restarted", worker=worker.address, reason=str(error))

    def _stop(self, worker: RemoteWorker) -> None:
        for task in (*worker.calls.values(), worker.registration):
            if task is not None:
                task.cancel()
        worker.calls.clear()


def politely_run(niceness: int, call: bytes) -> bytes:
    """What ``run_call`` sends, from a thread that leaves the machine to others.

    The worker's other threads keep their priority: they tell the scheduler that it lives.
    """
    target = min(os.getpriority(os.PRIO_PROCESS, os.getpid()) + niceness, 19)
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), target)
    return run_call(call)
