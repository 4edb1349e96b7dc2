"""One connection as a chip sees it: bandwidth of one direction and latency of one hop."""

from collections.abc import Mapping
from typing import Any

from pydantic import model_validator

from llm_simulator.planner.specs.validation import ByteRate, Duration, Spec, renamed
from llm_simulator.units import GIGA, MICRO

UNIT_NAMES = {"bandwidth_gbps": ("bandwidth", GIGA), "latency_us": ("latency", MICRO)}


class Link(Spec):
    """What one chip can send over a tier, in one direction, while all its peers do the same.

    ``bandwidth_gbps`` is gigabytes per second (1e9), not gigabits; text may say "400 Gb/s".
    """

    bandwidth: ByteRate
    latency: Duration
    in_network_reduction: bool = False
    """Whether engines reduce in the switch (NVLS, SHARP): each byte crosses a link up and down."""

    @model_validator(mode="before")
    @classmethod
    def _read_unit_names(cls, data: Any) -> Any:
        return renamed(data, UNIT_NAMES) if isinstance(data, Mapping) else data
