"""Rows as JSON, CSV or Parquet, part by part."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from importlib import import_module
from itertools import islice
from types import ModuleType
from typing import Any

import orjson

from llm_simulator.errors import InvalidInput
from llm_simulator.schemas.exchange import ExportFormat
from llm_simulator.task_manager.exchange.tables import Row, Table

ROWS_AT_ONCE = 200
ROWS_OF_A_GROUP = 5_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A spreadsheet takes a text that begins so for a formula, and runs it."""

Encoder = Callable[[Table, Iterable[Row]], Iterator[bytes]]


def encoder(wanted: ExportFormat) -> tuple[str, Encoder]:
    """The media type and the function of a format; raises InvalidInput when it is not here."""
    if wanted is ExportFormat.PARQUET:
        arrow, parquet = _arrow(), _arrow(".parquet")
        return "application/vnd.apache.parquet", lambda table, rows: _parquet(
            arrow, parquet, table, rows
        )
    return {
        ExportFormat.JSON: ("application/json", as_json),
        ExportFormat.CSV: ("text/csv; charset=utf-8", as_csv),
    }[wanted]


def as_json(_table: Table, rows: Iterable[Row]) -> Iterator[bytes]:
    """One array with whole rows."""
    yield b"["
    separator = b"\n"
    for row in rows:
        yield separator + orjson.dumps(row, default=str)
        separator = b",\n"
    yield b"\n]\n"


def as_csv(table: Table, rows: Iterable[Row]) -> Iterator[bytes]:
    """A header and a line for each row; no text can become a formula."""
    yield _lines([[column.name for column in table.columns]])
    rows = iter(rows)
    while part := list(islice(rows, ROWS_AT_ONCE)):
        yield _lines([[cell(column.value(row)) for column in table.columns] for row in part])


def cell(value: Any) -> str:
    """The value as a cell; text that a spreadsheet would run gets an apostrophe before it.

    >>> cell(-1.5), cell(None), cell("=cmd()"), cell(True)
    ('-1.5', '', "'=cmd()", 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | dict):
        return orjson.dumps(value).decode()
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text


def _lines(cells: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(cells)
    return text.getvalue().encode()


def _parquet(
    arrow: ModuleType, parquet: ModuleType, table: Table, rows: Iterable[Row]
) -> Iterator[bytes]:
    """A file with a group for every few thousand rows, handed out as it is written."""
    kinds = _kinds(arrow)
    schema = arrow.schema([(column.name, kinds[column.kind]) for column in table.columns])
    sink = _Sink()
    rows = iter(rows)
    with parquet.ParquetWriter(sink, schema) as writer:
        while part := list(islice(rows, ROWS_OF_A_GROUP)):
            flat = [{c.name: c.value(row) for c in table.columns} for row in part]
            writer.write_table(arrow.Table.from_pylist(flat, schema))
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Takes what is written and hands it on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        """That it takes bytes."""
        return True

    def tell(self) -> int:
        """How many bytes were written so far."""
        return self._position

    def write(self, data: Any) -> int:
        """Takes bytes."""
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def taken(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _kinds(arrow: ModuleType) -> Mapping[type, Any]:
    return {
        str: arrow.string(),
        int: arrow.int64(),
        float: arrow.float64(),
        bool: arrow.bool_(),
        datetime: arrow.timestamp("us", tz="UTC"),
        list: arrow.list_(arrow.string()),
    }


def _arrow(part: str = "") -> ModuleType:
    try:
        return import_module(f"pyarrow{part}")
    except ImportError as error:
        raise InvalidInput.at(
            "format",
            "parquet needs pyarrow on the server: install 'tier6[parquet]', or ask for csv or json",
        ) from error
