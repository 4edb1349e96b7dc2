"""Calibrations: levels that add up to the factors and corrections of one model, chip and engine."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from llm_simulator.planner.specs.calibration import (
    FACTORS,
    Calibration,
    Coefficients,
    EngineFactors,
    Factor,
    Offset,
    Provenance,
    wider,
)
from llm_simulator.planner.specs.dtypes import FORMATS, Dtype
from llm_simulator.planner.specs.formats import Formats
from llm_simulator.planner.specs.validation import Spec, validated

CASES_REMEMBERED = 1_000
KEYS = ("engine", "family", "chip", "model", "precision", "version")


class Subject(Spec):
    """What a level speaks of; a key left out stands for every value."""

    engine: str | None = None
    family: str | None = None
    """Architecture of the chip (``ChipSpec.family``)."""
    chip: str | None = None
    model: str | None = None
    precision: str | None = None
    version: str | None = None

    def covers(self, case: "Subject") -> bool:
        """Whether every key that is given here is the case's own."""
        return all(getattr(self, key) in (None, getattr(case, key)) for key in KEYS)

    def named(self) -> str:
        """The keys that are given, in words."""
        return " ".join(value for key in KEYS if (value := getattr(self, key)))

    @property
    def narrowness(self) -> int:
        """How many keys are given: the narrower of two subjects says more of a case."""
        return sum(getattr(self, key) is not None for key in KEYS)


def _known_factors(factors: dict[str, float]) -> dict[str, float]:
    unknown = sorted(set(factors) - set(FACTORS))
    if unknown:
        raise ValueError(f"unknown {', '.join(unknown)}; known: {', '.join(FACTORS)}")
    return factors


Offsets = Annotated[dict[str, Offset], AfterValidator(_known_factors)]
"""Logarithms of factors, those of no consequence left out."""


class Level(Spec):
    """What runs of one subject add: logarithms of factors, coefficients of the corrections."""

    subject: Subject = Subject()
    factors: Offsets = Field(default_factory=dict)
    tpot: Coefficients = ()
    ttft: Coefficients = ()


@dataclass(frozen=True)
class StoredLevel:
    """A level of which only the subject was read: the rest is when a case needs it."""

    subject: Subject
    read: Callable[[], Level]

    @cached_property
    def whole(self) -> Level:
        """All of it."""
        return self.read()

    @property
    def factors(self) -> Mapping[str, float]:
        """Logarithms of factors."""
        return self.whole.factors

    @property
    def tpot(self) -> Sequence[float]:
        """Coefficients of the correction of TPOT."""
        return self.whole.tpot

    @property
    def ttft(self) -> Sequence[float]:
        """Coefficients of the correction of TTFT."""
        return self.whole.ttft


class Residuals(Spec):
    """How far held-out runs of one subject were off: measured over predicted, and |error|."""

    subject: Subject = Subject()
    provenance: Provenance
    runs: int
    tpot_interval: tuple[Factor, Factor]
    ttft_interval: tuple[Factor, Factor]
    tpot_error: tuple[float, float]
    """Mean and median of |predicted - measured| / measured."""
    ttft_error: tuple[float, float]


Times = Annotated[float, Field(gt=0, le=10)]
"""As many times as far; more than ten is a mistake."""


class Reach(Spec):
    """How many times as far the logarithms of intervals reach where something is new."""

    tpot: Times
    ttft: Times


News = Literal["benchmark", "engine", "version"]
"""What a calibration may never have seen: who measures and how, the engine, its version."""


class CalibrationFile(Spec):
    """Levels fitted together on one set of runs, with their source and their errors."""

    title: str
    source: str
    entered: str
    levels: tuple[Level, ...]
    residuals: tuple[Residuals, ...]
    pool_residuals: tuple[Residuals, ...] = ()
    """The same of disaggregated runs."""
    reach: dict[News, Reach] = Field(default_factory=dict)
    """By what is new: residuals are of runs of the same benchmarks, engines and versions."""

    def news(self, case: Subject, *, benchmark: bool) -> Iterator[News]:
        """What is new of a case; ``benchmark`` is whether one of the file's own measured it."""
        seen = {(level.subject.engine, level.subject.version) for level in self.levels}
        if not benchmark:
            yield "benchmark"
        if case.engine not in {None, *(engine for engine, _ in seen)}:
            yield "engine"
        elif case.version is not None and (case.engine, case.version) not in seen:
            yield "version"

    def reaching(self, item: Residuals, case: Subject, *, benchmark: bool) -> Residuals:
        """Residuals whose intervals reach as far as what is new of the case makes them."""
        news = self.news(case, benchmark=benchmark)
        further = [self.reach[new] for new in news if new in self.reach]
        if not further:
            return item
        tpot = wider(item.tpot_interval, max(reach.tpot for reach in further))
        ttft = wider(item.ttft_interval, max(reach.ttft for reach in further))
        return item.model_copy(update={"tpot_interval": tpot, "ttft_interval": ttft})

    def with_stored(self, levels: Sequence[StoredLevel]) -> "CalibrationFile":
        """The same with ``levels`` that are read when they are needed."""
        return self.model_copy(update={"levels": tuple(levels)})

    def summary(self) -> dict[str, Any]:
        """What a list shows: the source, and the errors by engine, chip and model."""
        head = self.model_dump(mode="json", include={"title", "source", "entered"})
        errors = [item.model_dump(mode="json") for item in self.residuals]
        return head | {"errors": [item.pop("subject") | item for item in errors]}


@dataclass(frozen=True)
class Calibrations:
    """All levels in force, over the assumptions they multiply."""

    assumed: Mapping[str, float]
    """The factors without any calibration."""
    files: tuple[CalibrationFile, ...]

    def with_file(self, file: CalibrationFile) -> "Calibrations":
        """These and one more: its levels come on top."""
        return Calibrations(self.assumed, (*self.files, file))

    @property
    def levels(self) -> Iterator[Level | StoredLevel]:
        """Every level of every file."""
        return (level for file in self.files for level in file.levels)

    @cached_property
    def models(self) -> frozenset[str]:
        """Names of the models that a level speaks of."""
        return frozenset(name for level in self.levels if (name := level.subject.model))

    def calibration(self, case: Subject, *, benchmark: bool = False) -> Calibration:
        """What is in force for one model on one chip and engine.

        ``benchmark`` is whether one of those that were calibrated on measures it: nobody else's
        runs come out so near.
        """
        return self._remembered(case, benchmark)

    @cached_property
    def _remembered(self) -> Callable[[Subject, bool], Calibration]:
        """``_added_up``, whose hundreds of levels need not be gone through for every request."""
        return lru_cache(maxsize=CASES_REMEMBERED)(self._added_up)

    def _added_up(self, case: Subject, benchmark: bool) -> Calibration:
        levels = [level for level in self.levels if level.subject.covers(case)]
        offsets = {name: sum(lv.factors.get(name, 0.0) for lv in levels) for name in FACTORS}
        factors = {name: self.assumed[name] * math.exp(offsets[name]) for name in FACTORS}
        residuals = self.residuals(case, provenance := self.provenance(case), benchmark=benchmark)
        pooled = self._pool_residuals(case, benchmark=benchmark)
        unmeasured = pooled or self.residuals(
            case,
            "transferred" if provenance == "calibrated" else provenance,
            benchmark=benchmark,
        )
        far = self.residuals(case, "first_principles", benchmark=benchmark)
        return Calibration(
            factors=EngineFactors.model_validate(factors),
            tpot_correction=_summed([level.tpot for level in levels]),
            ttft_correction=_summed([level.ttft for level in levels]),
            tpot_interval=residuals.tpot_interval,
            ttft_interval=residuals.ttft_interval,
            tpot_interval_unmeasured=unmeasured.tpot_interval,
            ttft_interval_unmeasured=unmeasured.ttft_interval,
            tpot_interval_far=far.tpot_interval,
            ttft_interval_far=far.ttft_interval,
            provenance=residuals.provenance,
            basis=_basis(residuals, case),
            pool_basis=None if pooled is None else _pool_basis(pooled),
        )

    def residuals(
        self, case: Subject, provenance: Provenance, *, benchmark: bool = False
    ) -> Residuals:
        """The residuals of the nearest measured case, as far as what is new of this one reaches."""
        of_kind = (
            (file, item)
            for file in self.files
            for item in file.residuals
            if item.provenance == provenance
        )
        return _nearest(of_kind, case, benchmark) or NOTHING_MEASURED

    def _pool_residuals(self, case: Subject, *, benchmark: bool) -> Residuals | None:
        """The same of serving in pools."""
        of_pools = ((file, item) for file in self.files for item in file.pool_residuals)
        return _nearest(of_pools, case, benchmark)

    def provenance(self, case: Subject) -> Provenance:
        """Whether this model was measured on this chip and engine, or what is nearest to it."""
        seen = {
            (subject.engine, subject.chip, subject.model)
            for subject in (level.subject for level in self.levels)
            if subject.engine == case.engine
        }
        if case.engine is None or not seen:
            return "first_principles"
        known = (case.engine, case.chip, case.model) in seen and case.model is not None
        return "calibrated" if known else "transferred"


def _nearest(
    items: Iterable[tuple[CalibrationFile, Residuals]], case: Subject, benchmark: bool
) -> Residuals | None:
    """The residuals with the most keys in common, of the newest file."""
    found = [(file, item) for file, item in items if item.subject.covers(case)]
    if not found:
        return None
    file, item = max(reversed(found), key=lambda pair: pair[1].subject.narrowness)
    return file.reaching(item, case, benchmark=benchmark)


NOTHING_MEASURED = Residuals(
    provenance="first_principles",
    runs=0,
    tpot_interval=(0.84, 1.4),
    ttft_interval=(0.89, 3.24),
    tpot_error=(0.184, 0.142),
    ttft_error=(0.352, 0.298),
)
"""Without any calibration: what 1,553 public runs showed of the bare formulas (docs/model.md)."""


def precision_label(dtype: Dtype) -> str:
    """What measured runs call a format of weights: bf16, fp8, fp4 or int4."""
    stored = FORMATS[dtype]
    if stored.bits == 16:
        return "bf16"
    return "fp8" if stored.bits == 8 else "fp4" if stored.unit == "fp4" else "int4"


def precision_of(formats: Formats) -> str:
    """The label of a deployment's weights: the experts' where there are any."""
    return precision_label(formats.bulk.weight)


def read_calibration(document: Mapping[str, Any], field: str) -> CalibrationFile:
    """The levels in a parsed calibration file; raises InvalidInput naming what is wrong."""
    return validated(CalibrationFile, document, field)


def _summed(rows: Sequence[Sequence[float]]) -> tuple[float, ...]:
    given = [row for row in rows if row]
    return tuple(sum(column) for column in zip(*given, strict=True))


def _pool_basis(pooled: Residuals) -> str:
    return (
        f"Transferred from aggregated runs; {pooled.runs} disaggregated ones of "
        f"{pooled.subject.named() or 'all engines'} show how long pools take to hand over and to "
        f"decode: held-out combinations of them were {_off(pooled)}"
    )


def _off(residuals: Residuals) -> str:
    return (
        f"{100 * residuals.tpot_error[1]:.0f} % off in TPOT and "
        f"{100 * residuals.ttft_error[1]:.0f} % in TTFT (median)."
    )


def _basis(residuals: Residuals, case: Subject) -> str:
    off = _off(residuals)
    if residuals.provenance == "calibrated":
        on = residuals.subject.named()
        return f"Calibrated on {residuals.runs} runs of {on}; held-out runs were {off}"
    if residuals.provenance == "transferred":
        return (
            f"{case.model} was not measured on {case.engine} and {case.chip}: transferred from "
            f"other runs of {case.engine}; such cases were {off}"
        )
    why = "no engine is named" if case.engine is None else f"{case.engine} was not measured"
    return (
        f"First principles with what all measured engines have in common, since {why}; such cases "
        f"were {off} Name a measured engine, or calibrate with your own runs."
    )
