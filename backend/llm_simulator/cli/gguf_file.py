"""GGUF files: the metadata and the table of tensors at their beginning.

Reference: ggml-org/ggml, docs/gguf.md (versions 2 and 3). Vocabularies are passed over, so that a
file of any size is read in well under a second.
"""

import re
import struct
from math import prod
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.gguf import TYPES, Tensor, model_from_gguf

_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?"}
_NUMBERS |= {10: "Q", 11: "q", 12: "d"}
_TEXT, _LIST = 8, 9
"""Types of metadata."""
_OF_THE_VOCABULARY = "tokenizer."
_MOST_DIMENSIONS, _LONGEST_TEXT, _LONGEST_LIST = 8, 2**20, 2**22
"""Beyond what any file has: a damaged one is not read to its end."""


def model_of_gguf(path: Path) -> dict[str, Any]:
    """The model in a GGUF file, all parts of a split one, as a request's ``model``."""
    metadata: dict[str, Any] = {}
    tensors: list[Tensor] = []
    for part in _parts(path):
        stated, listed = _read(part)
        metadata = stated | metadata
        tensors += listed
    return model_from_gguf(metadata, tensors).model_dump(mode="json", exclude_defaults=True)


def _parts(path: Path) -> list[Path]:
    """Every part of a split file, whichever is given."""
    found = _PART.search(path.name)
    if found is None:
        return [path]
    stem, parts = path.name[: found.start()], int(found[2])
    return [path.with_name(f"{stem}-{part:05}-of-{parts:05}.gguf") for part in range(1, parts + 1)]


def _read(path: Path) -> tuple[dict[str, Any], list[Tensor]]:
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            return _Header(data).read()
    except OSError as error:
        raise InvalidInput.at("model", f"{path} can't be read: {error.strerror}") from error
    except (ArithmeticError, ValueError, struct.error) as error:
        raise InvalidInput.at("model", f"{path.name} can't be read as GGUF: {error}") from error


class _Header:
    """The beginning of a file, read on from where the last value ended."""

    def __init__(self, data: mmap) -> None:
        self._data, self._at = data, 0

    def read(self) -> tuple[dict[str, Any], list[Tensor]]:
        """Metadata by key, and every tensor; raises ValueError or struct.error."""
        if self._data[:4] != b"GGUF":
            raise ValueError("it does not begin with GGUF")
        self._at = 4
        version = self._number("I")
        if version not in (2, 3):
            raise ValueError(f"its version is {version}, not 2 or 3")
        tensors, keys = self._count(of_at_least=24), self._count(of_at_least=13)
        metadata = dict(self._pair() for _ in range(keys))
        return metadata, [self._tensor() for _ in range(tensors)]

    def _pair(self) -> tuple[str, Any]:
        key = self._text()
        return key, self._value(self._number("I"), kept=not key.startswith(_OF_THE_VOCABULARY))

    def _tensor(self) -> Tensor:
        name, dimensions = self._text(), self._number("I")
        if not 0 < dimensions <= _MOST_DIMENSIONS:
            raise ValueError(f"{name} has {dimensions} dimensions")
        shape = tuple(self._number("Q") for _ in range(dimensions))
        kind, _offset = self._number("I"), self._number("Q")
        if kind not in TYPES:
            raise ValueError(f"{name} is of type {kind}, which is unknown")
        stored, weights = TYPES[kind], prod(shape)
        size = weights // stored.block * stored.bytes
        return Tensor(name, stored.name, shape, weights, size, stored.block)

    def _value(self, kind: int, *, kept: bool) -> Any:
        """A value; None for a list that is passed over."""
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind])
        if kind == _TEXT:
            return self._text()
        if kind != _LIST:
            raise ValueError(f"metadata is of type {kind}, which is unknown")
        inner = self._number("I")
        if inner in _NUMBERS:
            return self._list(_NUMBERS[inner], kept=kept)
        count = self._count(of_at_least=8)
        if inner == _TEXT:
            self._pass_texts(count)
        else:
            for _ in range(count):
                self._value(inner, kept=False)
        return None

    def _list(self, form: str, *, kept: bool) -> list[Any] | None:
        size = struct.calcsize(f"<{form}")
        count = self._count(of_at_least=size)
        start = self._at
        self._pass(count * size)
        return list(struct.unpack_from(f"<{count}{form}", self._data, start)) if kept else None

    def _text(self) -> str:
        length = self._number("Q")
        if length > _LONGEST_TEXT:
            raise ValueError(f"a text in it is {length} bytes long")
        start = self._at
        self._pass(length)
        return self._data[start : self._at].decode()

    def _count(self, *, of_at_least: int) -> int:
        """How many of something follow; no more than the rest of the file has room for."""
        count = self._number("Q")
        if count * of_at_least > len(self._data) - self._at:
            raise ValueError("it ends before its header does")
        if count > _LONGEST_LIST:
            raise ValueError(f"{count} values follow each other in it")
        return count

    def _number(self, form: str) -> Any:
        start = self._at
        self._pass(struct.calcsize(f"<{form}"))
        return struct.unpack_from(f"<{form}", self._data, start)[0]

    def _pass_texts(self, count: int) -> None:
        """Hundreds of thousands in a vocabulary, so without a call for each."""
        at, length_at = self._at, struct.Struct("<Q").unpack_from
        for _ in range(count):
            at += 8 + length_at(self._data, at)[0]
        self._pass(at - self._at)

    def _pass(self, length: int) -> None:
        self._at += length
        if self._at > len(self._data):
            raise ValueError("it ends before its header does")
