"""API tokens: created and revoked on the command line, stored as hashes in the database.

A token is 256 random bits, so its plain SHA-256 can't be turned back or guessed: slow password
hashes protect what people make up, and would cost 100 ms at every request.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from llm_simulator.database import Database, inserting
from llm_simulator.errors import Conflict, InvalidInput, NotFound
from llm_simulator.models import AccessGuard, ApiToken, now

PREFIX = "tier6_"
"""Makes a leaked token recognisable to secret scanners."""
OLD_FILE = "tokens.json"
"""Where versions before the table kept tokens."""


class TokenRecord(BaseModel):
    """What is stored of a token."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    name: str
    sha256: str
    created_at: datetime


@dataclass(frozen=True)
class Access:
    """Whether everybody needs a token, and the hashes of those that are good."""

    guarded: bool
    hashes: Sequence[str] = ()


_RECORDS = TypeAdapter(tuple[TokenRecord, ...])


def hashed(token: str) -> str:
    """The token's SHA-256, in hexadecimal."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


class TokenStore:
    """The tokens of all servers on one database.

    The first token guards the service, and it stays guarded without any token until ``guard``.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def access(self) -> Access:
        """Who may come in now."""
        with self._database.reading() as session:
            guarded = session.scalar(select(AccessGuard.guarded)) or False
            return Access(guarded, session.scalars(select(ApiToken.sha256)).all())

    def records(self) -> list[TokenRecord]:
        """All tokens, oldest first."""
        with self._database.reading() as session:
            stored = session.scalars(select(ApiToken).order_by(ApiToken.created_at, ApiToken.name))
            return [TokenRecord.model_validate(token) for token in stored]

    def create(self, name: str) -> str:
        """A new token, told only this once. Raises Conflict when the name is taken."""
        token = PREFIX + secrets.token_urlsafe(32)
        record = TokenRecord(name=name, sha256=hashed(token), created_at=now())
        with self._database.writing() as session:
            if not _added(session, record):
                raise Conflict(f"There is a token '{name}' already; revoke it or choose a name.")
            _guard(session, wanted=True)
        return token

    def revoke(self, name: str) -> None:
        """Makes a token useless. Raises NotFound."""
        with self._database.writing() as session:
            gone = session.scalars(
                delete(ApiToken).where(ApiToken.name == name).returning(ApiToken.name)
            ).all()
            if not gone:
                raise NotFound(f"No token '{name}'; tier6 token list names them.")

    def guard(self, *, wanted: bool) -> None:
        """Whether this machine's own requests need a token from now on; others always do."""
        with self._database.writing() as session:
            _guard(session, wanted=wanted)

    def import_file(self, data_dir: Path) -> None:
        """Takes over the tokens of a file of older versions, once.

        Raises InvalidInput when it can't be read: without its tokens the service stays shut.
        """
        path = data_dir / OLD_FILE
        try:
            records = _RECORDS.validate_json(path.read_bytes())
        except FileNotFoundError:
            return
        except (OSError, ValidationError) as error:
            raise InvalidInput.at(
                "data_dir",
                f"{OLD_FILE} can't be read; restore it, or remove it and make new tokens",
            ) from error
        with self._database.writing() as session:
            for record in records:
                known = session.scalar(
                    select(ApiToken.name).where(ApiToken.sha256 == record.sha256)
                )
                if known is None and not _added(session, record):
                    other = record.model_copy(update={"name": f"{record.name} {record.sha256[:8]}"})
                    _added(session, other)
            if records:
                _guard(session, wanted=True)
        path.replace(path.with_name(f"{OLD_FILE}.imported"))


def _added(session: Session, record: TokenRecord) -> bool:
    """Whether the token was stored: its name was free."""
    insert = inserting(session, ApiToken).values(record.model_dump())
    return bool(session.scalars(insert.on_conflict_do_nothing().returning(ApiToken.name)).all())


def _guard(session: Session, *, wanted: bool) -> None:
    insert = inserting(session, AccessGuard).values(id=1, guarded=wanted)
    session.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"guarded": wanted}))
