"""Runs the service until it is told to stop."""

import asyncio
import gc
import signal
import socket
import sys
from types import FrameType
from typing import Any

import uvicorn

from llm_simulator.api.app import create_app
from llm_simulator.database import UNREACHABLE, trouble_of
from llm_simulator.errors import Tier6Error
from llm_simulator.observability.logs import configure_logs
from llm_simulator.settings import Settings, settings_of

GRACE_SECONDS = 2
"""How long open requests and sockets may take to end after a stop."""
MAX_FRAME_BYTES = 64 * 1024
"""A client's messages are a line long; a larger one closes its connection (1009)."""


def serve(**given: Any) -> int:
    """The process's exit code, after the service with these settings has ended.

    What is not given comes from the environment. A start that is refused prints one sentence.
    """
    try:
        settings = settings_of(**given)
        configure_logs(settings)
        # Bound but not yet listening: an address that can't be is told first.
        with _bound(settings) as listener:
            # uvicorn hands the signal on after its own clean end: it must not kill us then.
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, _leave)
            asyncio.run(_serve(settings, listener))
    except Tier6Error as error:
        print(error, file=sys.stderr)
        return 1
    except UNREACHABLE as error:
        print(f"The server can't start. {trouble_of(error)}", file=sys.stderr)
        return 1
    except SystemExit as end:
        return int(end.code or 0)
    return 0


async def _serve(settings: Settings, listener: socket.socket) -> None:
    app = create_app(settings)
    # We run the lifespan, not uvicorn: a refused start is then our error, not a log with a trace.
    async with app.router.lifespan_context(app):
        print(f"Database initialised: {app.state.service.database.name}", flush=True)
        print("WebSocket broadcast callback set", flush=True)
        # What the start has made stays: looking through it again would stop answers for 20 ms.
        gc.collect()
        gc.freeze()
        config = uvicorn.Config(
            app,
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=GRACE_SECONDS,
            ws_max_size=MAX_FRAME_BYTES,
            # Compressing would have to be done for each client anew.
            ws="websockets-sansio",
            ws_per_message_deflate=False,
        )
        await Server(config, f"http://{settings.host}:{listener.getsockname()[1]}").serve(
            [listener]
        )


class Server(uvicorn.Server):
    """uvicorn that says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to listen."""
        await super().startup(sockets)
        print(f"Service running on {self._address}", flush=True)


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is said: asyncio sets TCP_NODELAY only then, without it an answer takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _cut_slow_readers(listener, settings.send_timeout_seconds)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise Tier6Error(
            f"Can't listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Stop what uses the port, or choose another one with TIER6_PORT."
        ) from error
    return listener


def _cut_slow_readers(listener: socket.socket, seconds: float) -> None:
    """Lets the kernel end connections whose client takes nothing that is sent, where it can."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = round(1e3 * seconds)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
