"""Requests as the database has them: without what all of them say.

A request with every preset resolved is seven kilobytes, of which names, defaults and sources are
most. zlib's format may take a text for granted that both sides know (its preset dictionary).
"""

import zlib
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from sqlalchemy import Dialect, LargeBinary, TypeDecorator

COMMON_TEXT = "common_text_1.txt"
"""Two requests as stored on 2026-11-28. Whoever reads needs this very text, so the file never
changes: another text, better one day, has another name and a step of migrations."""


def packed_snapshot(request: Any) -> bytes:
    """The request as it is stored.

    >>> unpacked_snapshot(packed_snapshot({"model": {"name": "llama-3.1-8b"}}))
    {'model': {'name': 'llama-3.1-8b'}}
    """
    packer = zlib.compressobj(zdict=_common_text())
    return packer.compress(orjson.dumps(request)) + packer.flush()


def unpacked_snapshot(data: bytes) -> Any:
    """The request that was packed."""
    return orjson.loads(zlib.decompressobj(zdict=_common_text()).decompress(data))


class Snapshot(TypeDecorator[dict[str, Any]]):
    """A column of requests."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(
        self,
        value: dict[str, Any] | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> bytes | None:
        """The request as the database stores it."""
        return None if value is None else packed_snapshot(value)

    def process_result_value(
        self,
        value: bytes | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> dict[str, Any] | None:
        """The stored request."""
        return None if value is None else unpacked_snapshot(value)


@cache
def _common_text() -> bytes:
    return files("llm_simulator.stored").joinpath(COMMON_TEXT).read_bytes()
