"""The nearest changes after which a plan keeps all its limits, each verified by evaluating it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.explain.case import Case
from llm_simulator.planner.explain.reach import first_kept, kept_by, last_kept, rows_at_once
from llm_simulator.planner.plans.enumeration import enumerate_plans
from llm_simulator.planner.plans.table import DEGREES, PlanTable
from llm_simulator.planner.requests.calibrations import precision_of
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.inputs import calibration_of
from llm_simulator.planner.requests.inputs import case_of as subject_of
from llm_simulator.planner.results.aggregated import AggregatedPlans
from llm_simulator.planner.results.change import Change, ChangeKind
from llm_simulator.planner.results.figures import Shown
from llm_simulator.planner.search.limits import Limit
from llm_simulator.planner.specs.calibration import Calibration
from llm_simulator.planner.specs.deployment import Deployment, deployment
from llm_simulator.planner.specs.dtypes import FORMATS, Dtype
from llm_simulator.planner.specs.workload import WorkloadSpec
from llm_simulator.units import GIGA, MILLI

MOST_CONCURRENCY = 1_000_000
LENGTH_STEPS = 64
"""Parts of a length that are told apart."""
MOST_TIMES = 8
"""Times as many chips that are tried at most."""
LEAST_TRIED = 64
"""Chips that are tried in any case, where there are so many."""
MOST_MEMORY = 64
"""Times as much memory that is tried."""
LIMITS = ("max_ttft", "max_tpot", "max_e2e_latency", "min_request_rate")
"""What can be asked less of."""
IN_THE_MEAN = "In the mean: no single requests are simulated here."
"""What is said of changes where a percentile has to keep the limits."""
NARROWER = (Dtype.FP8, Dtype.INT8, Dtype.NVFP4, Dtype.INT4)
_LENGTHS: Mapping[ChangeKind, tuple[str, str]] = {
    "input_length": ("input_seq_length", "prompts"),
    "output_length": ("output_seq_length", "outputs"),
}
_FORMATS: Mapping[ChangeKind, tuple[str, str, tuple[Dtype, ...]]] = {
    "weight_dtype": ("weight_dtype", "weights", NARROWER),
    # A cache in int8 takes what one in fp8 takes.
    "kv_cache_dtype": ("kv_cache_dtype", "the cache", (Dtype.FP8, Dtype.NVFP4, Dtype.INT4)),
}


def changes_of(
    case: Case, shown: Shown, body: Mapping[str, Any], catalogue: Catalogue
) -> list[Change]:
    """What can be changed of the case that ``shown`` has the figures of; nothing where it keeps
    all its limits."""
    missed = frozenset(limit.code for limit in shown.limits if limit.overshoot[0] > 1)
    if not missed:
        return []
    found = list(Changes(case, missed, body, catalogue).found())
    if (body.get("search_constraints") or {}).get("limit_percentile") is None:
        return found
    return [
        change.model_copy(update={"sentence": f"{change.sentence} {IN_THE_MEAN}"})
        for change in found
    ]


@dataclass(frozen=True)
class Changes:
    """What may be changed of a plan that misses a limit."""

    case: Case
    missed: frozenset[str]
    """Codes of the limits that it misses."""
    body: Mapping[str, Any]
    catalogue: Catalogue

    def found(self) -> Iterator[Change]:
        """The nearest change of each kind that has to do with what is missed."""
        yield self._concurrency()
        for kind in _LENGTHS:
            yield self._length(kind)
        yield from self._plans()
        if self.missed == {"memory"}:
            yield self._memory()
        for kind in _FORMATS:
            yield from self._format(kind)
        yield from self._limits()

    @cached_property
    def _only_rate(self) -> bool:
        return self.missed <= {"min_request_rate"}

    def _concurrency(self) -> Change:
        """Fewer requests in flight, or more where only the rate is too low."""
        case, now = self.case, self.case.concurrency
        if self._only_rate:
            number = first_kept(self._rate_at, now, MOST_CONCURRENCY, rows_at_once(case))
        else:
            number = last_kept(self._quick_at, 1, now, rows_at_once(case))
        shown = None if number is None else case.shown([number])
        if shown is None or not kept_by(shown)[0]:
            return _none(
                "concurrency", "inference.batch_size", now, "No concurrency keeps all limits."
            )
        sentence = f"Keeps all limits at {number} requests in flight instead of {now}."
        return _change("concurrency", "inference.batch_size", now, number, sentence, shown)

    def _rate_at(self, numbers: list[int]) -> Any:
        return kept_by(self.case.shown(numbers))

    def _quick_at(self, numbers: list[int]) -> Any:
        return kept_by(self.case.shown(numbers), without=("min_request_rate",))

    def _length(self, kind: ChangeKind) -> Change:
        """Shorter requests, to a part in LENGTH_STEPS of their length."""
        name, words = _LENGTHS[kind]
        now: int = getattr(self.case.deployment.workload, name)
        step = max(now // LENGTH_STEPS, 1)

        def at(length: int) -> Case:
            workload = self.case.deployment.workload.model_copy(update={name: length})
            return self.case.on(replace(self.case.deployment, workload=workload))

        def kept(numbers: list[int]) -> Any:
            return np.array([kept_by(at(number * step).shown())[0] for number in numbers])

        steps, field = last_kept(kept, 1, max(now // step - 1, 1), 1), f"inference.{name}"
        if steps is None:
            return _none(kind, field, now, f"No shorter {words} keep all limits.")
        sentence = f"Keeps all limits with {words} of {steps * step} tokens instead of {now}."
        return _change(kind, field, now, steps * step, sentence, at(steps * step).shown())

    def _plans(self) -> Iterator[Change]:
        if self.case.pools is not None:
            yield self._more_instances()
            return
        assert self.case.plan is not None
        own = self.case.plan
        plans = self._other_plans(own)
        plans = plans[np.flatnonzero(_kept_rows(self.case, plans))]
        on_more = plans.chips > own.chips
        yield self._nearest("chips", plans[np.flatnonzero(on_more)], "No plan on more chips keeps")
        yield self._nearest("degrees", plans[np.flatnonzero(~on_more)], "No other degrees keep")

    def _nearest(self, kind: ChangeKind, plans: PlanTable, nothing: str) -> Change:
        """The nearest of ``plans``, which keep all limits: on the fewest chips, most like this."""
        case, own = self.case, self.case.plan
        assert own is not None
        chips = int(own.chips[0])
        if not len(plans):
            return _none(kind, "plan.parallelism", chips, f"{nothing} all limits.")
        order = np.lexsort((_distance(plans, own), plans.chips))
        best = plans[order[:1]]
        shown = replace(case, plan=best).shown()
        degrees = {name: degree for name, degree in best.rows()[0].items() if degree > 1}
        names = ", ".join(f"{name} {degree}" for name, degree in degrees.items())
        sentence = f"Keeps all limits on {int(best.chips[0])} chips with {names}."
        return _change(kind, "plan.parallelism", chips, int(best.chips[0]), sentence, shown)

    def _other_plans(self, own: PlanTable) -> PlanTable:
        """Plans on as many chips and on more, by powers of two and the plan's own degrees."""
        chips = int(own.chips[0])
        most = min(self.case.max_chips, max(MOST_TIMES * chips, LEAST_TRIED))
        powers = [2**n for n in range(most.bit_length())]
        allowed = {name: sorted({*powers, int(getattr(own, name)[0])}) for name in DEGREES}
        try:
            plans = enumerate_plans(self.case.deployment, most, allowed)
        except InvalidInput:
            return own[slice(0, 0)]
        other = (plans.chips >= chips) & (_distance(plans, own) > 0)
        return plans[np.flatnonzero(other)]

    def _more_instances(self) -> Change:
        """More instances of either pool, on the fewest chips."""
        pools = self.case.pools
        assert pools is not None
        own = (pools.prefill.instances, pools.decode.instances)
        each = (int(pools.prefill.plan.chips[0]), int(pools.decode.plan.chips[0]))
        tried = [
            (x, y)
            for x in {own[0] * n for n in (1, 2, 3, 4, 8)}
            for y in {own[1] * n for n in (1, 2, 3, 4, 8)}
            if (x, y) != own and x * each[0] + y * each[1] <= self.case.max_chips
        ]
        for x, y in sorted(tried, key=lambda pair: pair[0] * each[0] + pair[1] * each[1]):
            more = replace(
                pools,
                prefill=replace(pools.prefill, instances=x),
                decode=replace(pools.decode, instances=y),
            )
            shown = replace(self.case, pools=more).shown()
            if kept_by(shown)[0]:
                sentence = (
                    f"Keeps all limits on {more.chips} chips: {x} prefill and {y} decode instances."
                )
                return _change("chips", "plan.pools", pools.chips, more.chips, sentence, shown)
        return _none("chips", "plan.pools", pools.chips, "No more instances keep all limits.")

    def _memory(self) -> Change:
        """Larger chips, in whole GB."""
        chip = self.case.deployment.chip
        now, field = int(np.ceil(chip.memory_capacity / GIGA)), "hardware.memory_capacity_gb"

        def at(capacity: int) -> Case:
            larger = {"memory_capacity": capacity * GIGA}
            on = self.case.on(replace(self.case.deployment, chip=chip.model_copy(update=larger)))
            decoding = on.problem.decode_deployment
            if decoding is None:
                return on
            other = replace(decoding, chip=decoding.chip.model_copy(update=larger))
            return replace(on, problem=replace(on.problem, decode_deployment=other))

        def kept(numbers: list[int]) -> Any:
            return np.array([_fits(at(number)) for number in numbers])

        # Nearly the same share of any memory is usable.
        guess = math.ceil(now * max(_fullness(self.case.shown())))
        guess = math.ceil(guess * max(_fullness(at(guess).shown())))
        capacity = first_kept(kept, now, now * MOST_MEMORY, 1, (guess, guess - 1))
        shown = None if capacity is None else at(capacity).shown()
        if shown is None or not kept_by(shown)[0]:
            return _none("memory", field, now, "No larger memory keeps all limits.")
        sentence = f"Keeps all limits on chips with {capacity} GB instead of {now}."
        return _change("memory", field, now, capacity, sentence, shown)

    def _format(self, kind: ChangeKind) -> Iterator[Change]:
        """A narrower number format: the widest that does."""
        name, words, formats = _FORMATS[kind]
        now = self._format_now(kind)
        tried = [dtype for dtype in formats if FORMATS[dtype].bits < FORMATS[now].bits]
        for dtype in tried:
            case = self._in_format(name, dtype)
            shown = None if case is None else case.shown()
            if case is not None and shown is not None and kept_by(shown)[0]:
                sentence = f"Keeps all limits with {words} in {dtype} instead of {now}."
                kept = now if self._is_calibrated_as_before(case) else None
                if kept is not None:
                    sentence += f" Its calibration is the one given, of {kept}."
                change = _change(kind, f"inference.{name}", now, str(dtype), sentence, shown)
                yield change.model_copy(update={"calibration_of": kept})
                return
        if tried:
            yield _none(
                kind,
                f"inference.{name}",
                str(now),
                f"No narrower format of {words} keeps all limits.",
            )

    def _limits(self) -> Iterator[Change]:
        """The limits that the plan would keep, at fewer requests where memory needs that."""
        case, now = self.case, self.case.concurrency
        if self.missed <= {"memory"}:
            return
        number: int | None = now
        if "memory" in self.missed:
            number = last_kept(
                lambda numbers: kept_by(case.shown(numbers), without=LIMITS),
                1,
                now,
                rows_at_once(case),
            )
        if number is None:
            return
        shown = case.shown([number])
        missed = [limit for limit in shown.limits if limit.overshoot[0] > 1]
        for limit in missed:
            yield self._relaxed(limit, number, shown, alone=len(missed) == 1)

    def _relaxed(self, limit: Limit, number: int, shown: Shown, *, alone: bool) -> Change:
        """A limit as the plan would keep it; it is enough if no other one is missed."""
        needed, available = limit.shown(0)
        is_rate = limit.code == "min_request_rate"
        before, after = (needed, available) if is_rate else (available, needed)
        field = f"search_constraints.{limit.code}" + ("" if is_rate else "_ms")
        unit = "requests/s" if is_rate else "ms"
        fewer = "" if number == self.case.concurrency else f" at a concurrency of {number}"
        sentence = f"Would keep a {limit.code} of {after:.4g} {unit} instead of {before:g}{fewer}."
        change = _change("limit", field, before, after, sentence, shown)
        return change.model_copy(update={"works": alone})

    def _format_now(self, kind: ChangeKind) -> Dtype:
        formats = self.case.deployment.formats
        return formats.kv_cache if kind == "kv_cache_dtype" else formats.bulk.weight

    def _in_format(self, name: str, dtype: Dtype) -> Case | None:
        """The plan in another format, as a request that names it; None where that is refused."""
        problem = self.case.problem
        try:
            changed = self._reformatted(problem.deployment, {name: dtype}, "calibration")
            decoding = problem.decode_deployment
            if decoding is not None:
                decoding = self._reformatted(decoding, {name: dtype}, "decode_calibration")
        except InvalidInput:
            return None
        case = replace(
            self.case, problem=replace(problem, deployment=changed, decode_deployment=decoding)
        )
        return case if case.is_legal else None

    def _reformatted(
        self, deployed: Deployment, formats: Mapping[str, Dtype], field: str
    ) -> Deployment:
        workload = deployed.workload.model_copy(update=formats)
        return deployment(
            model=deployed.model,
            chip=deployed.chip,
            topology=deployed.topology,
            workload=workload,
            calibration=self._calibration_at(deployed, workload, field),
            economics=deployed.economics,
        )

    def _calibration_at(
        self, deployed: Deployment, workload: WorkloadSpec, field: str
    ) -> Calibration:
        """What is in force in the formats of ``workload``: where the request gives a calibration
        that is not the catalogue's, that one."""
        given = self.body.get(field)
        levels = given if isinstance(given, Mapping) and "levels" in given else None
        model, chip = deployed.model, deployed.chip
        own, other = (
            calibration_of(levels, self.catalogue, subject_of(model, chip, load), model)
            for load in (deployed.workload, workload)
        )
        return other if own == deployed.calibration else deployed.calibration

    def _is_calibrated_as_before(self, case: Case) -> bool:
        """Whether weights of another precision have the calibration that the request gives."""
        before, after = self.case.deployment, case.deployment
        moved = precision_of(before.formats) != precision_of(after.formats)
        return moved and before.calibration is after.calibration


def _fits(case: Case) -> bool:
    return all(full <= 1 for full in _fullness(case.shown()))


def _fullness(shown: Shown) -> list[float]:
    """What each pool's fullest chip holds over what it may."""
    memories = (shown.memory,) if isinstance(shown, AggregatedPlans) else shown.memories
    return [float(memory.total[0] / memory.usable[0]) for memory in memories]


def _kept_rows(case: Case, plans: PlanTable) -> Any:
    """Which of ``plans`` keep all limits at the case's concurrency."""
    if not len(plans):
        return np.zeros(0, dtype=np.bool_)
    concurrency = np.full(len(plans), case.concurrency)
    return kept_by(AggregatedPlans(case.problem, plans, concurrency))


def _distance(plans: PlanTable, own: PlanTable) -> Any:
    """How many doublings the degrees of each plan are away."""
    return sum(np.abs(np.log2(getattr(plans, name) / getattr(own, name))) for name in DEGREES)


def _none(kind: ChangeKind, field: str, before: int | float | str, sentence: str) -> Change:
    return Change(kind=kind, works=False, sentence=sentence, field=field, before=before, after=None)


def _change(
    kind: ChangeKind,
    field: str,
    before: int | float | str,
    after: int | float | str | None,
    sentence: str,
    shown: Shown,
) -> Change:
    served = shown.served
    aggregated = isinstance(shown, AggregatedPlans)
    memory = shown.memory if aggregated else shown.memories[1]
    return Change(
        kind=kind,
        works=True,
        sentence=sentence,
        field=field,
        before=before,
        after=after,
        parallelism=shown.plans.rows()[0] if aggregated else None,
        chips=int(served.chips[0]),
        batch_size=int(shown.concurrency[0]),
        throughput=float(served.throughput[0]),
        ttft=float(served.ttft[0] / MILLI),
        tpot=float(served.tpot[0] / MILLI),
        memory_gb=float(memory.total[0] / GIGA),
    )
