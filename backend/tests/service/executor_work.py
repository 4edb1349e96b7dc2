"""Functions that only the executors' contract runs in worker processes."""

import os
import struct
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from tests.service.work import die


def die_while_answering() -> bytes:
    """An answer of which half is sent when the worker is killed."""
    Connection._send_bytes = _die_halfway  # pyright: ignore[reportAttributeAccessIssue]
    return bytes(1000)


def _die_halfway(connection: Connection, buffer: bytes) -> None:
    os.write(
        connection.fileno(), struct.pack("!i", len(buffer)) + bytes(buffer[: len(buffer) // 2])
    )
    die()


def written(file: str) -> None:
    """Leaves a file behind."""
    Path(file).touch()


def opened_gate(started: str, gate: str, *_shared: object) -> str:
    """Writes into ``started`` which process runs it, then waits until ``gate`` is there."""
    Path(started).write_text(str(os.getpid()))
    while not Path(gate).exists():
        time.sleep(0.01)
    return gate


class Stubborn(Exception):
    """An exception that can't be made again from its text, so that it breaks process pools."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def raises() -> None:
    """Raises what does not travel."""
    raise Stubborn(1, 2)


def unpicklable() -> object:
    """An answer that does not travel."""
    return threading.Lock()


class Noted:
    """A value that notes in a file each time a process unpacks it."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return _unpacked, (self.file,)


def _unpacked(file: str) -> Noted:
    with Path(file).open("a") as notes:
        notes.write(f"{os.getpid()}\n")
    return Noted(file)


def file_of(noted: Noted, number: int) -> tuple[str, int]:
    """What the value holds, and the number."""
    return noted.file, number


def parent_process_id() -> int:
    """The process that started the worker."""
    return os.getppid()


def length(data: bytes) -> int:
    """Its number of bytes."""
    return len(data)
