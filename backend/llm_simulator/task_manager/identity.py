"""Who this server is, and which one it takes the place of.

On PostgreSQL a killed server's tasks are taken over when its lease has run out. A server that is
started in its place need not wait: the dead one held a lock that the system has let go.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import FileIO
from pathlib import Path
from uuid import uuid4

FILE = "server.id"


@dataclass(frozen=True)
class Identity:
    """A server's id, new at every start, and the id of a dead one whose tasks are now its own."""

    server_id: str = field(default_factory=lambda: str(uuid4()))
    predecessor: str | None = None


@contextmanager
def identity_in(folder: Path) -> Iterator[Identity]:
    """This server's identity while the block runs; its predecessor ran from the same folder.

    It has none when another server runs from there now, or nothing can be written there: dead
    servers' tasks are then taken over a little later.
    """
    identity = Identity()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Unbuffered: what can't be written fails here, and not once more when it is closed.
        file = (folder / FILE).open("ab+", buffering=0)
    except OSError:
        yield identity
        return
    with file:
        yield _succeeding(identity, file)


def _succeeding(identity: Identity, file: FileIO) -> Identity:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.seek(0)
        before = file.read().decode().strip()
        file.truncate(0)
        file.write(identity.server_id.encode())
    except OSError:
        return identity
    return replace(identity, predecessor=before or None)
