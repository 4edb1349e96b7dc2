r"""What chips draw; every formula is elementwise over plans.

Energy per token counts the power at work. That follows the energy roofline, in which computing and
moving bytes each draw in proportion to their rate on top of what a chip draws anyway, and a chip
holds its TDP:

.. math:: P = PUE \cdot n\,(P_{idle} + (P_{tdp} - P_{idle})\min(1, a\,MFU + b\,MBU) + P_{host})

References: Choi, Bedard, Fowler, Vuduc: A roofline model of energy, IPDPS 2013. What is assumed has
its values and sources in catalogue/assumptions.toml. A figure that is not known is NaN.
"""

import numpy as np

from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.economics import EconomicsSpec
from llm_simulator.units import Count, Joules, Watts


def activity(economics: EconomicsSpec, mfu: Count, mbu: Count) -> Count:
    """Share of the power between idle and TDP that a chip draws, 0 to 1."""
    busy = economics.compute_power_share * mfu + economics.memory_power_share * mbu
    return np.minimum(busy, 1.0)


def chip_power(economics: EconomicsSpec, chip: ChipSpec, mfu: Count, mbu: Count) -> Watts:
    """Watts of one chip at work."""
    tdp = np.nan if chip.tdp is None else chip.tdp
    idle = economics.idle_power_share * tdp
    return idle + (tdp - idle) * activity(economics, mfu, mbu)


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
