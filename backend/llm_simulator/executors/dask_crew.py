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
from weakref import WeakKeyDictionary

import structlog
from distributed import Client
from distributed import Future as DaskFuture
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from llm_simulator.errors import EngineDown, WorkerLost
from llm_simulator.executors.dask_call import DaskCall
from llm_simulator.executors.identity import code_identity, enrolled
from llm_simulator.executors.parcel import Shared, carried, opened

STUCK_SECONDS = 10.0
"""How long a dropped call may go on before its worker is restarted."""
DIED = "its worker process died"
UNREACHABLE = "the Dask scheduler can't be reached"

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Member:
    """A worker: its calls run in their order, as many at once as it has threads."""

    address: str
    threads: int
    calls: dict[DaskCall, "asyncio.Task[None]"] = field(default_factory=dict)
    enrolment: "asyncio.Task[None] | None" = None
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
class Terms:
    """What every worker is asked to do."""

    modules: Sequence[str]
    niceness: int
    stuck_seconds: float = STUCK_SECONDS


class Crew:
    """All workers of one connection to a scheduler.

    ``changed`` is called when they change, ``lost`` when calls show that the connection is lost.
    """

    def __init__(
        self,
        client: Client,
        terms: Terms,
        *,
        changed: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self._client = client
        self._terms = terms
        self._changed = changed
        self._lost = lost
        self._ours = code_identity()
        self._members: dict[str, Member] = {}
        self._sent: WeakKeyDictionary[Shared, DaskFuture] = WeakKeyDictionary()

    @property
    def slots(self) -> int:
        """Threads of the workers that may compute for us."""
        return sum(member.threads for member in self._members.values() if member.ready)

    @property
    def refusal(self) -> str | None:
        """Why a worker that is there gets no calls; None when there is none such."""
        return next((member.refusal for member in self._members.values() if member.refusal), None)

    def agree(self, listed: Mapping[str, Mapping[str, Any]]) -> None:
        """Takes up workers that are new in the scheduler's list and drops those that are gone."""
        for address in self._members.keys() - listed.keys():
            self.gone(address)
        for address in listed.keys() - self._members.keys():
            member = Member(address, listed[address]["nthreads"])
            self._members[address] = member
            member.enrolment = asyncio.create_task(self._enrol(member))

    async def enrolled(self, patience: float) -> None:
        """Returns when every worker known now is taken up or refused, or patience is over."""
        enrolments = [member.enrolment for member in self._members.values() if member.enrolment]
        if enrolments:
            await asyncio.wait(enrolments, timeout=patience)

    def gone(self, address: str) -> None:
        """Ends what the worker computed; what still waited for it goes to another one."""
        member = self._members.pop(address, None)
        if member is None:
            return
        log.warning("dask_worker_gone", worker=address)
        running = [call for call in member.calls if member.runs(call)]
        waiting = [call for call in member.calls if call not in running]
        self._stop(member)
        for call in running:
            call.lose(WorkerLost(DIED))
        for call in waiting:
            self.place(call)
        self._changed()

    def place(self, call: DaskCall) -> None:
        """Gives the call to the worker with the least to do."""
        ready = [member for member in self._members.values() if member.ready]
        if not ready:
            call.lose(EngineDown("the Dask cluster has no worker left"))
        elif not call.done():
            member = min(ready, key=lambda member: member.load)
            member.calls[call] = asyncio.create_task(self._attend(member, call))

    def drop(self, call: DaskCall) -> None:
        """Forgets a cancelled call that waits; one that runs keeps its thread until it ends."""
        member = next((m for m in self._members.values() if call in m.calls), None)
        if member is None:
            return
        if member.runs(call):
            loop = asyncio.get_running_loop()
            loop.call_later(self._terms.stuck_seconds, self._restart_if_stuck, member, call)
        else:
            member.calls.pop(call).cancel()

    def dismiss(self) -> None:
        """Ends all calls: the connection is lost or closed."""
        members = tuple(self._members.values())
        self._members.clear()
        for member in members:
            calls = tuple(member.calls)
            self._stop(member)
            for call in calls:
                call.lose(EngineDown(UNREACHABLE))

    async def _enrol(self, member: Member) -> None:
        """Lets a worker in if it runs the same code as this process."""
        try:
            theirs = await self._submitted(enrolled, member, self._terms.modules)
        except FutureCancelledError:
            return  # The connection was lost.
        except Exception as error:
            theirs = f"none that can say its version ({type(error).__name__})"
        if theirs == self._ours:
            member.ready = True
            log.info("dask_worker_joined", worker=member.address, threads=member.threads)
        else:
            member.refusal = (
                f"a Dask worker is refused: it runs Tier6 {theirs}, the server {self._ours}; "
                "install the server's version there"
            )
            log.error("dask_worker_refused", worker=member.address, reason=member.refusal)
        self._changed()

    async def _attend(self, member: Member, call: DaskCall) -> None:
        """Ends the call as the worker ends it. The answer is fetched at once: it dies with it."""
        try:
            call.answer(opened(await self._carried(member, call)))
        except FutureCancelledError as error:
            self._given_up(call, error)
        except KilledWorker:
            call.lose(WorkerLost(DIED))
        except WorkerLost as loss:
            call.lose(loss)
        except Exception as error:
            log.error("dask_call_failed", worker=member.address, exc_info=True)
            call.lose(WorkerLost(f"Dask could not carry it out ({type(error).__name__})"))
        finally:
            member.calls.pop(call, None)

    def _given_up(self, call: DaskCall, error: FutureCancelledError) -> None:
        if error.reason == "scheduler-connection-lost":
            self._lost()
            call.lose(EngineDown(UNREACHABLE))
        else:
            call.lose(WorkerLost(f"Dask gave it up ({error.reason})"))

    def _carried(self, member: Member, call: DaskCall) -> DaskFuture:
        parcel = call.parcel
        sources = [self._source(shared) for shared in parcel.shared]
        niceness = self._terms.niceness
        return self._submitted(
            politely_carried, member, niceness, parcel.function, parcel.arguments, sources
        )

    def _submitted(self, function: Callable[..., Any], member: Member, *args: Any) -> DaskFuture:
        # A key of its own: Dask would answer two equal calls with one computation.
        return self._client.submit(
            function,
            *args,
            key=f"tier6-{uuid4().hex}",
            pure=False,
            workers=[member.address],
            allow_other_workers=False,
        )

    def _source(self, shared: Shared) -> DaskFuture:
        """The value at the cluster, sent with its first call.

        As a computation, not as scattered data: Dask makes it again if its worker dies.
        """
        if shared not in self._sent:
            key = f"tier6-shared-{uuid4().hex}"
            self._sent[shared] = self._client.submit(bytes, shared.content, key=key, pure=False)
        return self._sent[shared]

    def _restart_if_stuck(self, member: Member, call: DaskCall) -> None:
        if call in member.calls and self._members.get(member.address) is member:
            log.warning("dask_worker_stuck", worker=member.address)
            member.enrolment = asyncio.create_task(self._restart(member))

    async def _restart(self, member: Member) -> None:
        try:
            await self._client.restart_workers([member.address], raise_for_error=False)
        except Exception as error:
            # Without a nanny nobody can restart it; its thread stays taken until it ends.
            log.error("dask_worker_not_restarted", worker=member.address, reason=str(error))

    def _stop(self, member: Member) -> None:
        for task in (*member.calls.values(), member.enrolment):
            if task is not None:
                task.cancel()
        member.calls.clear()


def politely_carried(
    niceness: int, function: Callable[..., Any], arguments: bytes, sources: Sequence[bytes]
) -> bytes:
    """What ``carried`` sends, from a thread that leaves the machine to others.

    The worker's other threads keep their priority: they tell the scheduler that it lives.
    """
    target = min(os.getpriority(os.PRIO_PROCESS, os.getpid()) + niceness, 19)
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), target)
    return carried(function, arguments, sources)
