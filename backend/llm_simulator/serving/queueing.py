"""Waiting in a closed loop."""

import numpy as np

from llm_simulator.units import Count, Seconds


def closed_loop_response_time(
    *, alone: Seconds, demand: Seconds, elsewhere: Seconds, population: Count
) -> Seconds:
    r"""Mean time at a station that ``population`` circulating requests visit in turn.

    Mean value analysis with Schweitzer's approximation: an arriving request finds the others
    there for the share of time each of them spends there,

    .. math:: R = L + D\,(N-1)\,\frac{R}{R+Z}

    solved for R. L is the time without company (``alone``), D what each one ahead costs
    (``demand``), Z the time spent ``elsewhere``, N the population.

    Source: Schweitzer 1979; Reiser and Lavenberg, J. ACM 27 (1980).

    >>> float(closed_loop_response_time(alone=2.0, demand=2.0, elsewhere=10.0, population=1))
    2.0
    >>> float(closed_loop_response_time(alone=2.0, demand=2.0, elsewhere=0.0, population=5))
    10.0
    """
    excess = alone + demand * (population - 1) - elsewhere
    root = np.sqrt(excess**2 + 4 * alone * elsewhere)
    # The same positive root without cancellation, whichever sign the linear term has.
    return np.where(
        excess >= 0,
        (excess + root) / 2,
        2 * alone * elsewhere / np.maximum(root - excess, 1e-300),
    )[()]
