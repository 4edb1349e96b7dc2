"""The base of every schema, and moments in time."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator

from llm_simulator.planner.results.record import Record

__all__ = ["Moment", "Record"]


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999 in UTC") from error


Moment = Annotated[datetime, AfterValidator(_in_utc)]
