"""Decisions: would the plan that a prediction ranks first have won on the hardware?

A decision is one case (model, chip, engine, precision, lengths) with runs of two plans or more, and
a limit on TPOT. Of the runs that are predicted to keep the limit, the one with the highest
predicted output per chip is picked. Its regret is what the pick's measured output falls short of
the best measured one within the limit, as a share of the best; all of it where the pick breaks the
limit, and where nothing is thought to keep it although something did.

Limits are measured TPOTs, so that the best run often lies on the limit itself and the smallest
error takes it out. Nobody's limit lies there: the same decisions are taken with limits halfway to
the next measured TPOT, too.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from llm_simulator.units import Array
from validation.baseline import Line, rounded
from validation.curves import DEGREES
from validation.latencies import (
    OURS,
    PREDICTORS,
    Latencies,
    Mask,
    Row,
    known_predictors,
    measured_latencies,
    predicted_latencies,
)

CASE = ("model", "chip", "framework", "precision", "input_tokens", "output_tokens")
FEWEST_PLANS = 2
FEWEST_RUNS = 5
LIMITS = (0.25, 0.5, 0.75, 1.0)
"""Limits on TPOT, as places in the case's sorted measured ones."""
MEASURED_ALIKE = 1.0001
"""A run keeps its own TPOT as a limit, whatever floats round to."""
BROKEN = 1.1
"""Measured TPOT over the limit from which on a pick breaks it."""

PART = "decision"
COMBINATION = ("model", "chip", "framework")


@dataclass(frozen=True)
class Decisions:
    """Some decisions and what came of them; columns of shape [D]."""

    regret: Array
    """Share of the best measured output that the pick gives away, 0 to 1."""
    broken: Mask
    """Whether the pick breaks the limit."""
    nothing: Mask
    """Whether nothing was thought to keep the limit."""
    between: Array
    """The regret where the limit lies halfway to the next measured TPOT; of the slowest run,
    without a limit."""
    combination: NDArray[np.str_]
    cases: int

    @cached_property
    def kept(self) -> Mask:
        """Whether the pick keeps the limit."""
        return ~(self.broken | self.nothing)

    def of(self, combination: str) -> "Decisions":
        """The decisions of one combination."""
        own = self.combination == combination
        columns = (self.regret, self.broken, self.nothing, self.between, self.combination)
        return Decisions(*(column[own] for column in columns), cases=0)


def decisions(rows: Sequence[Row], predictor: str = OURS) -> Decisions:
    """Every decision that ``rows`` allow, as the predictor's columns would take it.

    Cases of which a predictor knows less than two runs are left out for it.
    """
    measured, predicted = measured_latencies(rows), predicted_latencies(rows, predictor)
    cases = [case for case in _cases(rows, measured) if _can_choose(case, predicted, predictor)]
    taken = [_of_case(measured, predicted, case) for case in cases]
    names = [" · ".join(rows[int(case[0])][name] for name in COMBINATION) for case in cases]
    return Decisions(
        *map(np.concatenate, zip(_NONE, *taken, strict=True)),
        combination=np.repeat(np.array(names, dtype=np.str_), len(LIMITS)),
        cases=len(cases),
    )


def _cases(rows: Sequence[Row], measured: Latencies) -> list[NDArray[np.int64]]:
    """The rows of each case that leaves a choice."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number in np.flatnonzero(measured.known):
        groups[tuple(rows[int(number)][name] for name in CASE)].append(int(number))
    return [
        np.array(members)
        for _, members in sorted(groups.items())
        if len(members) >= FEWEST_RUNS
        and len({tuple(rows[n][name] for name in DEGREES) for n in members}) >= FEWEST_PLANS
    ]


def _can_choose(case: NDArray[np.int64], predicted: Latencies, predictor: str) -> bool:
    """Our own gaps count against us; a peer is not asked about what it can't compare."""
    return predictor == OURS or int(predicted.known[case].sum()) >= FEWEST_PLANS


_NONE = (np.zeros(0), np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.bool_), np.zeros(0))
"""The columns of no decision."""


def _of_case(
    measured: Latencies, predicted: Latencies, case: NDArray[np.int64]
) -> tuple[Array, Mask, Mask, Array]:
    """The columns of one case's decisions, a limit each; [L]."""
    tpots = np.sort(measured.tpot_ms[case])
    places = np.minimum((np.array(LIMITS) * len(case)).astype(int), len(case) - 1)
    halfway = np.sqrt(tpots * np.append(tpots[1:], np.inf))
    regret, broken, nothing = _taken(measured, predicted, case, tpots[places])
    between, _, _ = _taken(measured, predicted, case, halfway[places])
    return regret, broken, nothing, between


def _taken(
    measured: Latencies, predicted: Latencies, case: NDArray[np.int64], limits: Array
) -> tuple[Array, Mask, Mask]:
    """Regret, and whether the pick breaks the limit or there is none; [L]."""
    tpot, rate = measured.tpot_ms[case], measured.rate[case]
    best = np.where(tpot <= limits[:, None] * MEASURED_ALIKE, rate, 0.0).max(axis=1)
    # Comparisons with NaN are false: what is not predicted is not picked.
    thought = predicted.tpot_ms[case] <= limits[:, None]
    pick = np.where(thought, predicted.rate[case], -np.inf).argmax(axis=1)
    nothing = np.asarray(~thought.any(axis=1))
    broken = np.asarray(~nothing & (tpot[pick] > limits * BROKEN))
    regret = np.where(nothing | broken, 1.0, np.maximum(0.0, 1 - rate[pick] / best))
    return regret, broken, nothing


def decision_lines(rows: Sequence[Row], part: str = PART, split: str = "") -> list[Line]:
    """Regret over all decisions and by combination, of each predictor that knows the runs."""
    lines = []
    for name in known_predictors(rows):
        found = decisions(rows, PREDICTORS[name])
        if found.cases:
            lines.append(_line(part, "all", name, found, split))
            lines += [
                _line(f"{part} by combination", each, name, found.of(each), split)
                for each in sorted(set(found.combination.tolist()))
            ]
    return lines


def _line(part: str, case: str, predictor: str, found: Decisions, split: str) -> Line:
    """One line of the baseline; its rows are decisions."""
    return Line(
        part=part,
        case=case,
        quantity=f"regret, {predictor}",
        split=split,
        rows=str(len(found.regret)),
        regret=_mean(found.regret),
        kept_regret=_mean(found.regret[found.kept]),
        broken=_mean(found.broken),
        nothing=_mean(found.nothing),
        between=_mean(found.between),
    )


def _mean(column: Array | Mask) -> str:
    return rounded(float(column.mean()), 3) if len(column) else ""
