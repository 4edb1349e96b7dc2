"""Where a page of a list ended, as an opaque text that the next request brings back."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, literal, or_, tuple_

from llm_simulator.errors import InvalidInput
from llm_simulator.schemas.lists import LARGEST_ID, Order, Paged


@dataclass(frozen=True)
class Cursor:
    """The last row of a page by what it is sorted by and its id, and the list's total."""

    sort: str
    order: str
    key: Any
    row: int
    total: int

    def text(self) -> str:
        """What ``parsed`` reads."""
        key = self.key.isoformat() if isinstance(self.key, datetime) else self.key
        parts = orjson.dumps([self.sort, self.order, key, self.row, self.total])
        return base64.urlsafe_b64encode(parts).decode()


def parsed(text: str, *, sort: str, order: Order, kind: type) -> Cursor:
    """The cursor of a list with this sort, whose column holds values of this kind.

    Raises InvalidInput where the text was not given out by such a list.
    """
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text))
        given_sort, given_order, key, row, total = parts
        fits = (given_sort, given_order) == (sort, order)
        if not fits or not _is_row(row) or not _is_row(total):
            raise ValueError(text)
        return Cursor(sort, order, _value(key, kind), row, total)
    except (binascii.Error, TypeError, ValueError, OverflowError) as error:
        raise InvalidInput.at(
            "cursor",
            "was not given out by this list with this sort and order; start without a cursor",
        ) from error


def beyond(
    query: Paged, cursor: Cursor, column: Any, row: Any, *, nullable: bool
) -> ColumnElement[bool]:
    """The condition of rows after the cursor; rows without a value come last."""
    descending = query.order is Order.DESCENDING
    if not nullable:
        # One comparison of both, which is a range of an index.
        here = tuple_(column, row)
        last = tuple_(literal(cursor.key, column.type), literal(cursor.row, row.type))
        return here < last if descending else here > last
    later = row < cursor.row if descending else row > cursor.row
    if cursor.key is None:
        return and_(column.is_(None), later)
    further = column < cursor.key if descending else column > cursor.key
    return or_(further, and_(column == cursor.key, later), column.is_(None))


def ordering(query: Paged, column: Any, row: Any, *, nullable: bool) -> list[Any]:
    """What to sort by: the column, then the id; rows without a value come last."""
    ordered = [
        part.desc() if query.order is Order.DESCENDING else part.asc() for part in (column, row)
    ]
    # Said without need, it would keep PostgreSQL from reading an index backwards.
    return [ordered[0].nulls_last() if nullable else ordered[0], ordered[1]]


def _is_row(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_ID


def _value(key: Any, kind: type) -> Any:
    if key is None:
        return None
    if kind is datetime:
        moment = datetime.fromisoformat(key)
        if moment.tzinfo is None:
            raise ValueError(key)
        return moment.astimezone(UTC)
    if kind is str:
        if not isinstance(key, str) or "\x00" in key:
            raise ValueError(key)
        return key
    if isinstance(key, bool) or not isinstance(key, int | float):
        raise ValueError(key)
    return kind(key) if abs(key) <= LARGEST_ID else float(key)
