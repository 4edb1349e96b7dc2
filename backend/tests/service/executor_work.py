"""Functions that only the executors' contract runs in worker processes."""

import os
import struct
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from llm_simulator.errors import FieldProblem, InvalidInput
from tests.service.work import die


def die_while_answering() -> bytes:
    """An answer of which half is sent when the worker is killed."""
    Connection._send_bytes = _die_halfway
    return bytes(1000)


def _die_halfway(connection: Connection, buffer: bytes) -> None:
    os.write(
        connection.fileno(), struct.pack("!i", len(buffer)) + bytes(buffer[: len(buffer) // 2])
    )
    die()


def written(file: str) -> None:
    """Leaves a file behind."""
    Path(file).touch()


def opened_gate(started: str, gate: str) -> str:
    """Writes into ``started`` which process runs it, then waits until ``gate`` is there."""
    Path(started).write_text(str(os.getpid()))
    while not Path(gate).exists():
        time.sleep(0.01)
    return gate


def die_known(started: str) -> None:
    """Writes into ``started`` which process runs it, then ends its worker."""
    Path(started).write_text(str(os.getpid()))
    die()


def opened_gate_with_memory(started: str, gate: str) -> str:
    """The same, by a process that takes the kernel a while to end."""
    held = bytes(400_000_000).replace(b"\0", b"1")
    return opened_gate(started, gate)[: len(held)]


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


class Unreadable:
    """What a process can pickle and nobody unpickle."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return int, ("no number",)


def unreadable() -> object:
    """An answer that arrives and can't be read."""
    return Unreadable()


def refuses() -> None:
    """Finds two fields wrong."""
    raise InvalidInput([FieldProblem("a", "is wrong"), FieldProblem("b", "as well")])


def parent_process_id() -> int:
    """The process that started the worker."""
    return os.getppid()


def length(data: bytes) -> int:
    """Its number of bytes."""
    return len(data)
