"""Sweeps as they are asked for."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class SweepAxisGiven(BaseModel):
    """One field of the request and the values it takes, in one of two ways."""

    model_config = ConfigDict(extra="forbid")

    field: str
    """Dotted path: chip.memory_bandwidth, inference.input_seq_length, hardware, model, …"""
    values: list[Any] | str | None = None
    range: dict[str, Any] | str | None = None
    """``{from, to, step}`` or ``{from, to, count, scale}``, scale linear or log."""
    labels: list[str] | None = None
