"""The base of every schema, and moments in time."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen record, readable from a database row by attribute."""

    model_config = ConfigDict(
        frozen=True,
        from_attributes=True,
        protected_namespaces=(),
        # Every response field is always present, so the front end's types need no "| undefined".
        json_schema_serialization_defaults_required=True,
    )


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999 in UTC") from error


Moment = Annotated[datetime, AfterValidator(_in_utc)]
