"""The base of everything that is found, stored and sent."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen record, readable from a database row by attribute."""

    model_config = ConfigDict(
        frozen=True,
        from_attributes=True,
        protected_namespaces=(),
        # A process builds the validators of what it meets: half of the time of an import.
        defer_build=True,
        # Every response field is always present, so the front end's types need no "| undefined".
        json_schema_serialization_defaults_required=True,
    )
