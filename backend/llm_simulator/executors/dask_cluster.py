"""Chunks of work on a Dask cluster: connects, connects again when lost, follows its workers."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

import dask.config
import structlog
from distributed import Client, Security

from llm_simulator.errors import EngineDown
from llm_simulator.executors.codec import encoded_call
from llm_simulator.executors.dask_call import DaskCall
from llm_simulator.executors.dask_workers import STUCK_SECONDS, UNREACHABLE, WorkerPool, WorkerTerms
from llm_simulator.executors.encryption import Certificates, is_public

CONNECT_SECONDS = 5.0
LOOK_SECONDS = 1.0
"""Between two looks at the scheduler; it tells of workers that come and go by itself."""
SILENCE_SECONDS = 10.0
"""After which a scheduler that does not answer counts as lost."""
FIRST_WORKERS_SECONDS = 15.0
# Dask logs a trace for what is said here in a line: that the scheduler is lost.
logging.getLogger("distributed.client").setLevel(logging.CRITICAL)

QUIET = {"distributed.admin.large-graph-warning-threshold": "1GB"}
"""All outcomes of a search travel at its end; Dask would warn of 10 MB."""

log = structlog.get_logger(__name__)


class DaskExecutor:
    """Runs calls on the workers of the scheduler at ``host``, encrypted by ``certificates``.

    Without them it does not connect to a public address.

    Dask can't stop a thread: a cancelled call that runs keeps it until it ends, its answer is
    dropped; after ``stuck_seconds`` its worker is restarted if it has a nanny. Birth waits for the
    first attempt to connect, not for its success.
    """

    def __init__(
        self,
        host: str,
        port: int,
        certificates: Certificates | None = None,
        modules: Sequence[str] = (),
        niceness: int = 10,
        *,
        stuck_seconds: float = STUCK_SECONDS,
    ) -> None:
        self._host = host
        self._security = certificates and _security(certificates)
        scheme = "tls" if certificates else "tcp"
        self._address = (
            f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
        )
        self._terms = WorkerTerms(tuple(modules), niceness, stuck_seconds)
        self._pool: WorkerPool | None = None
        self._slots = 0
        self._down: str | None = None
        self._tried = threading.Event()
        self._closing = asyncio.Event()
        self._news = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="dask-executor", daemon=True)
        self._thread.start()
        self._tried.wait()

    @property
    def slots(self) -> int:
        """How many calls run at the same time: the workers' threads."""
        return self._slots

    @property
    def down(self) -> str | None:
        """Why the cluster takes no calls at the moment, a sentence; None when it does."""
        return self._down

    def submit(self, function: Callable[..., Any], *args: Any) -> DaskCall:
        """A future of ``function(*args)``; raises EngineDown while the cluster takes no calls."""
        if self._down:
            raise EngineDown(self._down)
        call = DaskCall(encoded_call(function, *args), self._dropped)
        self._post(self._place, call)
        return call

    def close(self) -> None:
        """Ends all calls and the connection; the cluster lives on."""
        self._down = "The server is stopping."
        self._post(self._closing.set)
        self._post(self._news.set)
        self._thread.join()

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._keep_connected())

    def _post(self, function: Callable[..., Any], *args: Any) -> None:
        # After the end there is no loop, and nothing left to do.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *args)

    def _place(self, call: DaskCall) -> None:
        if self._pool is None:
            call.fail(EngineDown(UNREACHABLE))
        else:
            self._pool.place(call)

    def _dropped(self, call: DaskCall) -> None:
        self._post(lambda: self._pool and self._pool.drop(call))

    async def _keep_connected(self) -> None:
        with dask.config.set(QUIET):
            while not self._closing.is_set():
                with contextlib.suppress(TimeoutError):
                    await self._connected()
                    await asyncio.wait_for(self._closing.wait(), LOOK_SECONDS)

    async def _connected(self) -> None:
        """Serves until the connection is lost or the executor closed."""
        try:
            if self._security is None and await asyncio.to_thread(is_public, self._host):
                # A name may have got another address since the start.
                raise ConnectionRefusedError(f"{self._host} is public and TLS is not set up")
            client = Client(
                self._address,
                asynchronous=True,
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                security=self._security,
            )
            async with client:
                await self._follow(client)
        except Exception as error:
            # Whatever Dask stumbled over, the way out is to connect again.
            log.warning("dask_scheduler_lost", reason=f"{type(error).__name__}: {error}")
        self._be_lost()

    async def _follow(self, client: Client) -> None:
        pool = WorkerPool(client, self._terms, changed=self._publish, lost=self._be_lost)
        client.subscribe_topic("all", self._heard)
        try:
            await self._look(client, pool)
            self._pool = pool
            await pool.registered(FIRST_WORKERS_SECONDS)
            self._publish()
            await self._look_again_and_again(client, pool)
        finally:
            client.unsubscribe_topic("all")
            self._pool = None
            # First this: who hears of a lost call must not come back with the next one.
            self._be_lost()
            pool.dismiss()

    async def _look_again_and_again(self, client: Client, pool: WorkerPool) -> None:
        connection = client.scheduler_comm
        self._tried.set()
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)
            self._news.clear()
            if client.scheduler_comm is not connection:
                # Dask connects again by itself, but has forgotten all it was given.
                raise ConnectionError("the connection was closed")
            await self._look(client, pool)

    async def _look(self, client: Client, pool: WorkerPool) -> None:
        """Takes over the scheduler's list of workers."""
        scheduler: Any = client.scheduler
        cluster = await asyncio.wait_for(scheduler.identity(), SILENCE_SECONDS)
        pool.agree(cluster["workers"])

    def _heard(self, event: tuple[float, dict[str, Any]]) -> None:
        """Takes what the scheduler tells of its workers; a worker that left may be back at once."""
        news = event[1]
        if news.get("action") == "remove-worker" and self._pool:
            self._pool.gone(news["worker"])
        if news.get("action") in {"add-worker", "remove-worker"}:
            self._news.set()

    def _publish(self) -> None:
        if self._pool is None:
            return
        self._slots = self._pool.slots
        if self._slots:
            self._down = None
            self._tried.set()
            return
        why = self._pool.refusal or "it has no worker yet; start one with `dask worker`"
        self._down = f"The Dask cluster computes nothing: {why}."

    def _be_lost(self) -> None:
        self._slots = 0
        self._down = f"At present {UNREACHABLE}; the server tries again and again."
        self._news.set()
        self._tried.set()


def _security(certificates: Certificates) -> Security:
    return Security(
        require_encryption=True,
        tls_ca_file=str(certificates.ca),
        tls_client_cert=str(certificates.certificate),
        tls_client_key=str(certificates.key),
    )
