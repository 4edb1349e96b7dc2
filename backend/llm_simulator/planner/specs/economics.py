"""What running a deployment costs and draws: prices, depreciation, power; each with its source."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.validation import Spec

Usd = Annotated[float, Field(ge=0, le=1e9)]
Share = Annotated[float, Field(ge=0, le=100)]
Power = Annotated[float, Field(ge=0, le=1e6)]
Source = Annotated[str, Field(min_length=1, max_length=500)]
PerChip = Annotated[float, Field(gt=0, le=1e9)]
EVERY = "*"
"""Stands for every kind of chip."""


def _by_kind(value: object) -> object:
    return value if value is None or isinstance(value, Mapping) else {EVERY: value}


PerKind = Annotated[
    dict[str, PerChip],
    BeforeValidator(_by_kind),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {"type": "object", "additionalProperties": {"type": "number"}},
            ]
        }
    ),
]
"""Figures by the chip's name; a number alone is one for every kind of chip."""


class EconomicsSpec(Spec):
    """Chips are rented (``chip_usd_per_hour``) or bought (``chip_price_usd``).

    Without either the chip's own price counts, which is a rent. A rent contains host, network and
    electricity; what is bought is written off over ``years`` and pays for its rated power.
    """

    chip_usd_per_hour: PerKind | None = None
    chip_price_usd: PerKind | None = None
    server_overhead: Share
    """Host and network of a chip that is bought, as a share of its price."""
    server_overhead_usd: Usd | None = None
    """The same in USD per chip, in place of the share."""
    years: float = Field(gt=0, le=100)
    """Time over which what is bought is written off."""
    electricity_usd_per_kwh: Usd
    pue: float = Field(ge=1, le=10)
    """Power of the site over power of its computers: cooling and conversion."""
    hourly_overhead: Usd
    """USD per chip and hour for everything else: space, staff, financing."""
    host_power: Power
    """Watts of host and network per chip, whatever the load."""
    idle_power_share: float = Field(ge=0, le=1)
    """Of the TDP: what a chip draws that waits."""
    compute_power_share: Share
    """Of the square of TDP - idle, per MFU: 1.5 draws the TDP at an MFU of 2/3."""
    memory_power: Power
    """Watts that moving 1 TB/s draws; they grow with the square root of the rate."""
    api_usd_per_million_input_tokens: Usd | None = None
    """What a service asks for the same model, beside which own chips are put."""
    api_usd_per_million_output_tokens: Usd | None = None
    sources: dict[str, Source] = Field(default_factory=dict)
    """Where each figure comes from, by the name of its field."""

    @model_validator(mode="after")
    def _is_rented_or_bought(self) -> Self:
        if self.chip_usd_per_hour is not None and self.chip_price_usd is not None:
            raise ValueError(
                "chip_usd_per_hour and chip_price_usd are given both; keep the first for chips "
                "that are rented, the second for chips that are bought"
            )
        asked = (self.api_usd_per_million_input_tokens, self.api_usd_per_million_output_tokens)
        if (asked[0] is None) != (asked[1] is None):
            raise ValueError(
                "api_usd_per_million_input_tokens and api_usd_per_million_output_tokens go "
                "together; give both, 0 for what a service does not charge"
            )
        if asked == (0, 0):
            raise ValueError(
                "api_usd_per_million_input_tokens and api_usd_per_million_output_tokens are both "
                "0: nothing is ever cheaper; leave both out"
            )
        unknown = sorted(set(self.sources) - set(type(self).model_fields))
        if unknown:
            raise ValueError(f"sources has {', '.join(unknown)}, which is no figure of economics")
        return self


def figure_of(prices: PerKind | None, chip: ChipSpec) -> float | None:
    """The figure for this kind of chip; None where it has none."""
    return None if prices is None else prices.get(chip.name, prices.get(EVERY))


def with_sources(base: EconomicsSpec, given: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Fields of ``base`` with those ``given`` in their place, ``source`` as theirs."""
    sources = base.sources | dict.fromkeys(given, source)
    return base.model_dump() | dict(given) | {"sources": sources}
