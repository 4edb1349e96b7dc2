"""API tokens: created and revoked on the server's machine, stored as hashes in one file.

A token is 256 random bits, so its plain SHA-256 can't be turned back or guessed: slow password
hashes protect what people make up, and would cost 100 ms at every request.
"""

import fcntl
import hmac
import math
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from llm_simulator.errors import Conflict, InvalidInput, NotFound

FILE = "tokens.json"
PREFIX = "tier6_"
"""Makes a leaked token recognisable to secret scanners."""
LOOK_SECONDS = 1.0
"""Between two looks at the file."""
_OWNER_ONLY = 0o600


class TokenRecord(BaseModel):
    """What is stored of a token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    created_at: datetime


_RECORDS = TypeAdapter(tuple[TokenRecord, ...])


def hashed(token: str) -> str:
    """The token's SHA-256, in hexadecimal."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


class TokenFile:
    """The tokens of one installation. What another process changes here counts within a second."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE
        self._read: tuple[object, tuple[TokenRecord, ...]] = (None, ())
        self._looked_at = -math.inf

    def records(self) -> tuple[TokenRecord, ...]:
        """All tokens, oldest first. Raises InvalidInput when the file can't be read."""
        # Not at every request: a system call hands the interpreter over to another thread.
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return self._read[1]
        version = self._version()
        if version != self._read[0]:
            self._read = (version, self._stored())
        # Only now: while the file can't be read, nobody may pass on what was read before.
        self._looked_at = time.monotonic()
        return self._read[1]

    def create(self, name: str) -> str:
        """A new token, told only this once. Raises Conflict when the name is taken."""
        token = PREFIX + secrets.token_urlsafe(32)
        record = TokenRecord(name=name, sha256=hashed(token), created_at=datetime.now(UTC))
        with self._changing():
            if any(other.name == name for other in self._stored()):
                raise Conflict(f"There is a token '{name}' already; revoke it or choose a name.")
            self._store((*self._stored(), record))
        return token

    def revoke(self, name: str) -> None:
        """Makes a token useless. Raises NotFound."""
        with self._changing():
            kept = tuple(record for record in self._stored() if record.name != name)
            if len(kept) == len(self._stored()):
                raise NotFound(f"No token '{name}'; tier6 token list names them.")
            self._store(kept)

    def _version(self) -> object:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def _stored(self) -> tuple[TokenRecord, ...]:
        try:
            return _RECORDS.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            # Without its tokens the service must stay shut, not open.
            raise InvalidInput.at(
                "data_dir", f"{FILE} can't be read; restore it, or remove it and make new tokens"
            ) from error

    def _store(self, records: tuple[TokenRecord, ...]) -> None:
        fresh = self._path.with_name(f"{FILE}.{os.getpid()}")
        with os.fdopen(
            os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "wb"
        ) as f:
            f.write(_RECORDS.dump_json(records, indent=2))
            f.flush()
            os.fsync(f.fileno())
        fresh.replace(self._path)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change at a time, over all processes."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = self._path.with_name(f"{FILE}.lock").open("a")
        except OSError as error:
            raise InvalidInput.at(
                "data_dir", f"can't be written: {error.strerror}; set TIER6_DATA_DIR"
            ) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Doorkeeper:
    """Decides whether a request needs a token, and whether the one it brings is good."""

    def __init__(self, file: TokenFile, hashes: tuple[str, ...], *, exposed: bool) -> None:
        self._file = file
        self._hashes = hashes
        self._exposed = exposed

    @property
    def has_tokens(self) -> bool:
        """Whether there is any token at all."""
        return bool(self._hashes or self._file.records())

    def admits(self, token: str | None) -> bool:
        """Whether a request with this token, or none, may pass.

        Where tokens exist, one is needed; on an address that others can reach, always.
        """
        known = [*self._hashes, *(record.sha256 for record in self._file.records())]
        if not known and not self._exposed:
            return True
        given = hashed(token or "")
        # Every hash is compared, each in constant time: the time taken tells nothing.
        return sum(hmac.compare_digest(given, one) for one in known) > 0
