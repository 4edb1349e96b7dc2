r"""What chips cost; every formula is elementwise over plans.

A chip's hour costs its rent, or what it takes to own and power it:

.. math:: c = \frac{p\,(1 + o)}{y \cdot 8766\,h} + PUE\,(P_{tdp} + P_{host})\,e + h

Electricity is charged for rated power, as sites bill it. What is assumed has its values and sources
in catalogue/assumptions.toml. A figure that is not known is NaN.
"""

import numpy as np

from llm_simulator.planner.costs.power import missing_power, rated_power
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.economics import EconomicsSpec, figure_of
from llm_simulator.units import KILO, MEGA, SECONDS_PER_HOUR, Count, Usd

HOURS_PER_YEAR = 8766.0
"""365.25 days."""


def rent(economics: EconomicsSpec, chip: ChipSpec) -> float:
    """USD per hour for one chip that is rented, NaN for one that is bought or has no price."""
    given = figure_of(economics.chip_usd_per_hour, chip)
    if given is not None:
        return given
    if figure_of(economics.chip_price_usd, chip) is not None or chip.price_usd_per_hour is None:
        return np.nan
    return chip.price_usd_per_hour


def ownership(economics: EconomicsSpec, chip: ChipSpec) -> float:
    """USD per hour for one chip that is bought: write-off and electricity; NaN without its price.

    A chip of 30,000 USD, half as much again for its server, over 5 years: 1.027 USD per hour;
    1.1 kW with its host at a PUE of 1.3 and 8 cents per kWh: 0.114 USD per hour.
    """
    price = figure_of(economics.chip_price_usd, chip)
    if price is None:
        return np.nan
    server = economics.server_overhead_usd
    whole = price + (price * economics.server_overhead if server is None else server)
    electricity = rated_power(economics, chip) / KILO * economics.electricity_usd_per_kwh
    return whole / (economics.years * HOURS_PER_YEAR) + electricity


def usd_per_chip_hour(economics: EconomicsSpec, chip: ChipSpec) -> float:
    """USD per hour for one chip with its share of host, network and electricity."""
    return usd_before_overhead(economics, chip) + economics.hourly_overhead


def usd_before_overhead(economics: EconomicsSpec, chip: ChipSpec) -> float:
    """The same without ``hourly_overhead``: the rent, or what owning and power take."""
    rented = rent(economics, chip)
    return ownership(economics, chip) if np.isnan(rented) else rented


def usd_per_hour(economics: EconomicsSpec, chip: ChipSpec, chips: Count) -> Usd:
    """USD per hour for ``chips`` of one kind; pools of several kinds add up."""
    return chips * usd_per_chip_hour(economics, chip)


def hourly_cost(deployment: Deployment, chips: Count) -> Usd:
    """USD per hour of so many chips of the deployment; NaN where no price is known."""
    found = deployment.economics
    return chips * np.nan if found is None else usd_per_hour(found, deployment.chip, chips)


def usd_per_million_tokens(usd_per_hour: Usd, tokens_per_second: Count) -> Usd:
    """USD per million of whatever tokens are counted, at full load all the time.

    DeepSeek's service, 27 and 28 February 2025: 1,814 H800 at 2 USD generate 168 billion tokens a
    day (deepseek-ai/open-infra-index, day 6: 87,072 USD a day).

    >>> round(usd_per_million_tokens(1814 * 2.0, 168e9 / 86_400), 3)
    0.518
    """
    return usd_per_hour / (tokens_per_second * SECONDS_PER_HOUR) * MEGA


def tokens_per_usd(throughput: Count, usd_per_hour: Usd) -> Count:
    """Output tokens for one USD."""
    return throughput * SECONDS_PER_HOUR / usd_per_hour


def missing_price(deployment: Deployment) -> str | None:
    """Why no cost is known; None where it is."""
    found, chip = deployment.economics, deployment.chip
    if found is not None and not np.isnan(usd_per_chip_hour(found, chip)):
        return None
    if found is not None and figure_of(found.chip_price_usd, chip) is not None:
        return missing_power(deployment)
    return f"no price for {chip.name}; give economics.chip_usd_per_hour"
