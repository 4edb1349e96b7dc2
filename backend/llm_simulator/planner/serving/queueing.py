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


def closed_loop_rate(*, rate: Count, servers: Count, cycle: Seconds, population: Count) -> Count:
    r"""Requests per second of ``population`` requests that circulate past deterministic servers.

    Each of ``servers`` servers works off ``rate`` requests per second in order; a round without
    waiting takes ``cycle``. With utilisation :math:`\rho = X/(x r)`, the wait of an M/D/1 queue as
    the other N - 1 requests cause it, and Little's law,

    .. math:: W = \frac{N-1}{N}\,\frac{\rho}{2 r (1-\rho)}, \qquad N = X\,(W + L)

    is a quadratic in :math:`\rho` with one root below 1.

    Source: Pollaczek 1930, Khinchine 1932; Little, Operations Research 9 (1961); arrival theorem:
    Lavenberg and Reiser, J. Applied Probability 17 (1980).

    One request that never waits; then half the rate, with a wait of 1/3 s in a round of 6 s:

    >>> float(closed_loop_rate(rate=1.0, servers=1, cycle=4.0, population=1))
    0.25
    >>> round(float(closed_loop_rate(rate=1.0, servers=1, cycle=6 - 1/3, population=3)), 12)
    0.5
    """
    per_server = population / servers
    work = rate * cycle
    others = (population - 1) / population
    root = np.sqrt((work - per_server) ** 2 + 2 * others * per_server)
    return servers * rate * 2 * per_server / (work + per_server + root)
