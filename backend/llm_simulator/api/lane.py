"""uvicorn's WebSocket connection, with a way to send many encoded messages in one write.

ASGI takes one message at a time and encodes it anew for every client: at 50 events a second and
1,000 clients more than a core can do.
"""

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from llm_simulator.live.connection import LANE

ABORT_SECONDS = 5.0


class WebSocketLane(WebSocketsSansIOProtocol):
    """A ``live.connection.Lane``, found in the scope's extensions."""

    def handle_connect(self, event: Request) -> None:
        """Begins to serve a client, which may use this lane."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][LANE] = self  # pyright: ignore

    async def send_frames(self, frames: bytes) -> None:
        """Sends encoded messages once the client has taken most of the earlier ones."""
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(frames)

    def hang_up(self, code: int) -> None:
        """Says why, and cuts the connection soon whether or not the client reads it."""
        if self.disconnected or self.transport.is_closing():
            return
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.loop.call_later(ABORT_SECONDS, self.transport.abort)
