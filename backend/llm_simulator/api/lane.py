"""uvicorn's WebSocket connection, with a way to send many encoded messages in one write.

ASGI takes one message at a time and encodes it anew for every client: at 50 events a second and
1,000 clients more than a core can do.
"""

from asyncio import BaseTransport
from contextlib import suppress
from socket import SO_SNDBUF, SOL_SOCKET

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from llm_simulator.live.connection import LANE

ABORT_SECONDS = 5.0
SEND_BUFFER = 64 * 1024
"""Bytes that the kernel keeps for a client; left alone it takes megabytes for each that is slow."""


class WebSocketLane(WebSocketsSansIOProtocol):
    """A ``live.connection.Lane``, found in the scope's extensions."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Begins to serve a connection."""
        super().connection_made(transport)
        with suppress(OSError):
            self.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, SEND_BUFFER)

    def handle_connect(self, event: Request) -> None:
        """Lets the client's handler use this lane."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][LANE] = self  # pyright: ignore

    @property
    def is_free(self) -> bool:
        """Whether the client has taken most of what was written."""
        return self.writable.is_set()

    def write(self, frames: bytes) -> None:
        """Sends encoded messages; raises ClientDisconnected, an OSError."""
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(frames)

    async def freed(self) -> None:
        """Returns once the lane is free, or the client is gone."""
        await self.writable.wait()

    def hang_up(self, code: int) -> None:
        """Says why, and cuts the connection soon whether or not the client reads it."""
        if self.disconnected or self.transport.is_closing():
            return
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.loop.call_later(ABORT_SECONDS, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Gives up a client that does not answer pings, also one that reads nothing at all."""
        super().keepalive_timeout()
        self.loop.call_later(ABORT_SECONDS, self.transport.abort)
