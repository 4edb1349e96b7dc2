"""The support matrix: what the prediction of a model on a chip and engine rests on, how far off."""

from collections.abc import Iterator
from dataclasses import dataclass

from llm_simulator.planner.requests.calibrations import (
    Calibrations,
    Subject,
)
from llm_simulator.planner.specs.calibration import ENGINES, Provenance

OTHER = "other"
"""A name that no model or chip has: whatever was not measured."""


@dataclass(frozen=True)
class Support:
    """One cell; a model, chip or engine that is None stands for any that was not measured."""

    engine: str | None
    chip: str | None
    model: str | None
    provenance: Provenance
    runs: int
    """Held-out runs that the errors are of."""
    tpot_error: float
    """Median of |predicted - measured| / measured."""
    ttft_error: float
    errors_of_model: bool
    """Whether the errors are the model's own, not those of all models there."""


def support_matrix(calibrations: Calibrations) -> Iterator[Support]:
    """Every measured engine, model and chip and any other; then no engine at all."""
    subjects = [level.subject for level in calibrations.levels]
    measured = {subject.engine for subject in subjects}
    models = [*sorted({subject.model for subject in subjects if subject.model}), None]
    chips = [*sorted({subject.chip for subject in subjects if subject.chip}), None]
    for engine in ENGINES:
        if engine in measured:
            for model in models:
                for chip in chips:
                    yield _support(calibrations, engine, chip, model)
    yield _support(calibrations, None, None, None)


def _support(
    calibrations: Calibrations, engine: str | None, chip: str | None, model: str | None
) -> Support:
    case = Subject(engine=engine, chip=chip or OTHER, model=model or OTHER)
    nearest = calibrations.residuals(case, calibrations.provenance(case))
    return Support(
        engine=engine,
        chip=chip,
        model=model,
        provenance=nearest.provenance,
        runs=nearest.runs,
        tpot_error=nearest.tpot_error[1],
        ttft_error=nearest.ttft_error[1],
        errors_of_model=nearest.subject.model is not None,
    )
