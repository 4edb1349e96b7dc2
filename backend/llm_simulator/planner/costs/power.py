r"""What chips draw; every formula is elementwise over plans.

A chip draws what it draws anyway, and on top of it what computing and moving bytes draw, up to its
TDP. Power grows less than utilisation does, because clocks, caches and schedulers run as soon as a
kernel does; the square root describes what was measured:

.. math::

    P = P_{idle} + \min\left(P_{tdp} - P_{idle},
        \sqrt{a\,(P_{tdp} - P_{idle})^2\,MFU + k^2\,B / (1\,TB/s)}\right)

where B is the rate of bytes that the memory moves. Bytes count in watts, not as a share of the
TDP: what B200 and MI355X draw for the same bytes per second differs by 1 %, their TDP by 40 %. A
deployment draws PUE times what its chips and their hosts draw.

References: Choi, Bedard, Fowler, Vuduc: A roofline model of energy, IPDPS 2013 (computing and
bytes on top of a constant); Fan, Weber, Barroso: Power provisioning for a warehouse-sized
computer, ISCA 2007 (power is concave in utilisation). What is assumed or fitted has its values and
sources in catalogue/assumptions.toml. A figure that is not known is NaN.
"""

import numpy as np

from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.economics import EconomicsSpec
from llm_simulator.units import TERA, Count, Joules, Watts


def chip_power(economics: EconomicsSpec, chip: ChipSpec, mfu: Count, mbu: Count) -> Watts:
    """Watts of one chip at work, its memory included."""
    tdp = np.nan if chip.tdp is None else chip.tdp
    idle = economics.idle_power_share * tdp
    computing = economics.compute_power_share * (tdp - idle) ** 2 * mfu
    moving = economics.memory_power**2 * chip.memory_bandwidth / TERA * mbu
    return idle + np.minimum(np.sqrt(computing + moving), tdp - idle)


def rated_power(economics: EconomicsSpec, chip: ChipSpec) -> float:
    """Watts of one chip and its host at full power, cooling included."""
    tdp = np.nan if chip.tdp is None else chip.tdp
    return economics.pue * (tdp + economics.host_power)


def power(
    economics: EconomicsSpec, chip: ChipSpec, *, chips: Count, mfu: Count, mbu: Count
) -> Watts:
    """Watts of ``chips`` at work with their hosts, cooling included."""
    at_work = chip_power(economics, chip, mfu, mbu) + economics.host_power
    return economics.pue * chips * at_work


def chip_power_draw(deployment: Deployment, mfu: Count, mbu: Count) -> Watts:
    """Watts of one chip at work, without host and cooling; NaN without a TDP."""
    found = deployment.economics
    if found is None:
        return mfu * np.nan
    return chip_power(found, deployment.chip, mfu, mbu)


def power_draw(deployment: Deployment, chips: Count, mfu: Count, mbu: Count) -> Watts:
    """Watts of so many chips at work, host and cooling included; NaN without a TDP."""
    found = deployment.economics
    if found is None:
        return chips * np.nan
    return power(found, deployment.chip, chips=chips, mfu=mfu, mbu=mbu)


def joules_per_token(watts: Watts, tokens_per_second: Count) -> Joules:
    """Energy of whatever tokens are counted.

    >>> joules_per_token(8_000.0, 4_000.0)
    2.0
    """
    return watts / tokens_per_second


def missing_power(deployment: Deployment) -> str | None:
    """Why no energy is known; None where it is."""
    chip = deployment.chip
    known = deployment.economics is not None and chip.tdp is not None
    return None if known else f"no power for {chip.name}; give hardware.tdp_w"
