"""What a search promises beside what was measured: front against front.

A search is drawn to where the formulas are too kind: its best plan is the one with the luckiest
error. So for each measured case on so many chips, every plan is searched at every concurrency of
the ladder, and at the TPOT of each point of the measured front the best promise is compared with
what was measured.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mode

import numpy as np

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.calibration.measurement import Measurement, measurement_of
from llm_simulator.planner.calibration.prediction import measured_deployment
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.results.search_result import search_result
from llm_simulator.planner.search.pareto import front
from llm_simulator.planner.search.prepared import prepare
from llm_simulator.planner.specs.search import Objective, SearchConstraints
from llm_simulator.units import Array
from validation.baseline import Line, rounded
from validation.decisions import CASE, COMBINATION
from validation.latencies import Row, measured_latencies

UNDRAFTED = (None, "", "none")
"""Labels of runs without speculation, or without a label."""
LIKELY = 0.9
"""The quantile that says how far a promise may miss."""


@dataclass(frozen=True)
class Curve:
    """Points that no other beats in both, by TPOT; columns of shape [P]."""

    tpot_ms: Array
    rate: Array
    """Output tokens per second and chip."""

    @classmethod
    def through(cls, tpot_ms: Array, rate: Array) -> "Curve":
        """The undominated points of some."""
        kept = front(np.column_stack([tpot_ms, -rate]))
        kept = kept[np.argsort(tpot_ms[kept])]
        return cls(tpot_ms[kept], rate[kept])

    def best(self, limits: Array) -> Array:
        """The highest rate within each limit on TPOT; NaN where no point keeps it."""
        place = np.searchsorted(self.tpot_ms, limits, side="right") - 1
        rates = np.append(self.rate, np.nan)
        return rates[place]


@dataclass(frozen=True)
class Fronts:
    """A measured case on a number of chips: what was measured, what the search promises."""

    rows: Sequence[Row]
    chips: int
    measured: Curve
    promised: Curve

    @property
    def ratios(self) -> Array:
        """Promised over measured rate at each point of the measured front; NaN: no promise."""
        return self.promised.best(self.measured.tpot_ms) / self.measured.rate


def fronts(rows: Sequence[Row], catalogue: Catalogue) -> list[Fronts]:
    """Both fronts of every case, number of chips by number of chips.

    What the search can't be asked (a model that is not in the catalogue) is left out, and runs that
    drafted tokens, which it is not asked for.
    """
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.get("speculative") in UNDRAFTED:
            groups[(*(row[name] for name in CASE), f"{_chips(row):6}")].append(row)
    found = (_fronts(groups[key], catalogue) for key in sorted(groups))
    return [each for each in found if each is not None]


def _chips(row: Row) -> int:
    return round(float(row["tp"]) * float(row["pp"]) * float(row["attention_dp"]))


def _fronts(rows: Sequence[Row], catalogue: Catalogue) -> Fronts | None:
    try:
        promised = promised_curve(measurement_of(_commonest(rows)), catalogue)
    except InvalidInput:
        return None
    measured = measured_latencies(rows)
    return Fronts(rows, _chips(rows[0]), Curve.through(measured.tpot_ms, measured.rate), promised)


def _commonest(rows: Sequence[Row]) -> Row:
    """A run of the version of the engine that most were of."""
    versions = [row.get("framework_version", "") for row in rows]
    return rows[versions.index(mode(versions))]


def promised_curve(like: Measurement, catalogue: Catalogue) -> Curve:
    """The front that a search finds for a run's model, lengths, formats and number of chips."""
    request = EvaluationRequest(
        deployment=measured_deployment(like, catalogue),
        search_mode="auto",
        manual_parallelism=None,
        search_constraints=SearchConstraints(
            max_chips=like.chips,
            objective=Objective.THROUGHPUT,
            pareto=(Objective.THROUGHPUT, Objective.TPOT),
            batch_sizes="ladder",
            top_k=1,
        ),
    )
    search = prepare(request)
    outcomes = [search.evaluated(chunk) for chunk in search.layout.chunks]
    found = search_result(search, outcomes, sensitivity=False).trade_offs
    points = [] if found is None else found.points
    tpot = np.array([point.tpot for point in points], dtype=float)
    rate = np.array([point.throughput for point in points], dtype=float)
    return Curve.through(tpot, rate / like.chips)


def front_lines(found: Sequence[Fronts]) -> list[Line]:
    """Promised over measured: over all, and by combination."""
    groups: dict[str, list[Fronts]] = defaultdict(list)
    for each in found:
        groups[" · ".join(each.rows[0][name] for name in COMBINATION)].append(each)
    return [
        _line(name, members)
        for name, members in [("all", found), *sorted(groups.items())]
        if members
    ]


def _line(case: str, found: Sequence[Fronts]) -> Line:
    ratios = np.concatenate([each.ratios for each in found])
    known = ratios[np.isfinite(ratios)]
    middle, most = np.quantile(known, [0.5, LIKELY]) if len(known) else (None, None)
    return Line(
        part="front",
        case=case,
        quantity="promised / measured",
        rows=str(len(ratios)),
        predicted_rows=str(len(known)),
        ratio=rounded(middle, 3),
        ratio_p90=rounded(most, 3),
    )
