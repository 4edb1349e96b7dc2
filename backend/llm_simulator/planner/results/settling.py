r"""Which runs would settle the choice: those that lower its expected loss the most.

What a plan is worth is its score where it keeps the latency limits and nothing where it does not.
Of K plans the normal scores of the errors are jointly normal, so after a few measured runs they
still are, with shifted means and smaller spreads, and the worth of each plan is a closed form:

.. math::
    E[e^{-w(m + \sigma_\pm z)} 1(z \le z_{limit})], \quad z \sim N(\mu, s^2)

is two pieces of :math:`e^{c^2s^2/2 - c\mu}\,\Phi(\cdot)`, one for each side of the median. What
runs are worth is the mean, over their outcomes, of the best plan's worth: a quasi-random mean over
few dimensions and some ten plans. Runs are chosen one after another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from llm_simulator.planner.results.likelihood import Error, Scores
from llm_simulator.planner.search.normal import cumulative_of_many, scores_of
from llm_simulator.units import Array

MOST_RUNS = 3
OUTCOMES = 256
"""Points of the quasi-random sequence of outcomes."""
REPEATED = (0.055, 0.010)
"""Log error of TTFT and TPOT of a run measured again: 3.7 % and 0.7 % in the median of public runs
that were repeated on the same version."""
WORTHWHILE = 0.001
"""Share of the objective below which a run is not worth the trouble."""
JITTER = 1e-9


@dataclass(frozen=True)
class Settled:
    """Runs to measure, and the share of the objective that is still lost after each of them."""

    regret: float
    """Before any of them."""
    runs: tuple[int, ...]
    left: tuple[float, ...]


@dataclass(frozen=True)
class Worth:
    """K plans of which the scores are uncertain; ``limits`` as ratios to predictions, [2, K]."""

    scores: Scores
    limits: Array
    """Largest measured over predicted TTFT and TPOT that keep the limits; infinite without one."""

    @cached_property
    def alike(self) -> tuple[Array, Array]:
        """Correlations of both latencies' errors; [K, K] each."""
        ttft, tpot = (error.correlation() for error in self.scores.errors)
        return ttft, tpot

    @cached_property
    def expected(self) -> Array:
        """What each plan is worth in the mean, of what the best predicted score is; [K]."""
        none = np.zeros((1, len(self.scores.log)))
        return self._of((none, none), (none[0] + 1, none[0] + 1))[0]

    def best(self, runs: Sequence[int]) -> float:
        """What the best plan is worth in the mean once ``runs`` are measured."""
        # Outcomes of the first runs are the same however many follow.
        outcomes = _outcomes(2 * MOST_RUNS)
        means, spreads = [], []
        for number, (error, alike) in enumerate(zip(self.scores.errors, self.alike, strict=True)):
            gain = _gain(alike, runs, REPEATED[number] / _spread(error)[list(runs)])
            means.append(outcomes[:, number : 2 * len(runs) : 2] @ gain)
            spreads.append(np.sqrt(np.maximum(1 - (gain**2).sum(axis=0), JITTER)))
        return self._mean_of_best(self._of((means[0], means[1]), (spreads[0], spreads[1])))

    @cached_property
    def informed(self) -> float:
        """What the best plan is worth in the mean if everything were known."""
        count = len(self.scores.log)
        drawn = np.random.default_rng(0).standard_normal((2, 8 * OUTCOMES, count))
        drawn = np.concatenate([drawn, -drawn], axis=1)
        known = np.full(count, np.sqrt(JITTER))
        ttft, tpot = (
            points @ np.linalg.cholesky(alike + JITTER * np.eye(count)).T
            for points, alike in zip(drawn, self.alike, strict=True)
        )
        return self._mean_of_best(self._of((ttft, tpot), (known, known)))

    def _mean_of_best(self, worth: Array) -> float:
        """Mean over outcomes [N] of the best plan's worth, each plan's own mean kept exact."""
        found = worth.mean(axis=0)
        exact = worth * np.where(found > 0, self.expected / np.where(found > 0, found, 1.0), 0.0)
        return float(exact.max(axis=1).mean())

    def _of(self, means: tuple[Array, Array], spreads: tuple[Array, Array]) -> Array:
        """What plans are worth where their normal scores have these means [N, K], spreads [K]."""
        worth = np.exp(self.scores.log - self.scores.log.max())
        for number, error in enumerate(self.scores.errors):
            most = error.normal.score(self.limits[number])
            worth = worth * _kept(error, most, means[number], spreads[number])
        return worth


def settled(worth: Worth, candidates: Sequence[int]) -> Settled:
    """The runs among ``candidates`` that are worth measuring, the most telling first."""
    if len(worth.scores.log) == 1:
        return Settled(0.0, (), ())
    chosen: list[int] = []
    left: list[float] = []
    total = worth.informed
    if total <= 0:
        return Settled(0.0, (), ())
    regret = max(total - float(worth.expected[0]), 0.0)
    now = float(worth.expected.max())
    while len(chosen) < MOST_RUNS:
        rest = [row for row in candidates if row not in chosen]
        values = [worth.best([*chosen, row]) for row in rest]
        if not rest or max(values) - now < WORTHWHILE * total:
            break
        now = max(values)
        chosen.append(rest[int(np.argmax(values))])
        left.append(max(total - now, 0.0) / total)
    return Settled(regret / total, tuple(chosen), tuple(left))


def _kept(error: Error, most: Array, mean: Array, spread: Array) -> Array:
    """Mean of exp(-w e) where the normal score of e is at most ``most``; [N, K]."""
    unlimited = bool(np.isposinf(most).all())
    if unlimited and not error.weight.any():
        return np.ones(mean.shape)
    normal, weight = error.normal, error.weight

    def scale(slope: Array) -> Array:
        return np.exp(-weight * normal.median - slope * mean + (slope * spread) ** 2 / 2)

    def within(end: Array | float, slope: Array) -> Array:
        return cumulative_of_many((end - mean) / spread + slope * spread)

    below, above = weight * normal.below, weight * normal.above
    up_to_most = 1.0 if unlimited else within(most, above)
    upper = np.maximum(up_to_most - within(0.0, above), 0.0)
    return scale(below) * within(np.minimum(most, 0.0), below) + scale(above) * upper


def _gain(alike: Array, runs: Sequence[int], noise: Array) -> Array:
    """How the score of each plan moves with independent outcomes of the ``runs``; [runs, K]."""
    rows = list(runs)
    seen = alike[np.ix_(rows, rows)] + np.diag(noise**2 + JITTER)
    return np.linalg.solve(np.linalg.cholesky(seen), alike[rows])


def _spread(error: Error) -> Array:
    """Standard deviation of both sides in the mean; [K]."""
    return np.maximum((error.normal.below + error.normal.above) / 2, JITTER)


@cache
def _outcomes(dimensions: int) -> Array:
    """Standard normal points [OUTCOMES, D] of Roberts' additive recurrence, symmetric around 0.

    References: M. Roberts, "The Unreasonable Effectiveness of Quasirandom Sequences" (2018).
    """
    ratio = 2.0
    for _ in range(32):
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    steps = ratio ** -np.arange(1, dimensions + 1)
    half = (0.5 + np.arange(1, OUTCOMES // 2 + 1)[:, None] * steps) % 1
    points = scores_of(np.clip(half, JITTER, 1 - JITTER))
    return np.concatenate([points, -points])
