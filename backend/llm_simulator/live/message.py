"""A message to clients, encoded once however many of them get it."""

from dataclasses import dataclass

from pydantic import BaseModel
from websockets.frames import Frame, Opcode


@dataclass(frozen=True, slots=True)
class Message:
    """A text, and the same text as a WebSocket frame ready for the wire."""

    text: str
    frame: bytes

    @classmethod
    def of(cls, content: BaseModel | str) -> "Message":
        """The message with this content."""
        text = content if isinstance(content, str) else content.model_dump_json()
        # A server's frames are not masked, so that they are the same for every client.
        return cls(text, Frame(Opcode.TEXT, text.encode()).serialize(mask=False))
