"""A calibration as a TOML text, one line a level, so that a change shows as a diff."""

import json
from collections.abc import Iterable, Iterator, Mapping

from llm_simulator.planner.requests.calibrations import (
    KEYS,
    CalibrationFile,
    Level,
    Residuals,
    Subject,
)
from llm_simulator.planner.specs.validation import Spec


def document(file: CalibrationFile) -> str:
    """The text of a calibration; ``tomllib`` and ``read_calibration`` give it back."""
    return "\n".join(
        [
            "# Fitted by `tier6 calibrate`; not edited by hand. levels: logarithms of factors, and",
            "# coefficients over the bumps of serving.correction of log(measured / predicted).",
            f"title = {json.dumps(file.title)}",
            f"source = {json.dumps(file.source)}",
            f"entered = {json.dumps(file.entered)}",
            "levels = [",
            *(f"    {_inline(_level(level))}," for level in file.levels),
            "]",
            "residuals = [",
            *(f"    {_inline(_residuals(item))}," for item in file.residuals),
            "]",
            "pool_residuals = [",
            *(f"    {_inline(_residuals(item))}," for item in file.pool_residuals),
            "]",
            f"reach = {_inline((new, _inline(_values(far))) for new, far in file.reach.items())}",
            "",
        ]
    )


def _level(level: Level) -> Iterator[tuple[str, str]]:
    yield "subject", _subject(level.subject)
    if level.factors:
        yield "factors", _inline((name, json.dumps(value)) for name, value in level.factors.items())
    for name in ("tpot", "ttft"):
        coefficients = getattr(level, name)
        if coefficients:
            yield name, json.dumps(list(coefficients))


def _residuals(item: Residuals) -> Iterator[tuple[str, str]]:
    yield "subject", _subject(item.subject)
    yield from _values(item, exclude={"subject"})


def _values(spec: Spec, exclude: set[str] | None = None) -> Iterator[tuple[str, str]]:
    fields: Mapping[str, object] = spec.model_dump(mode="json", exclude=exclude)
    return ((name, json.dumps(value)) for name, value in fields.items())


def _subject(subject: Subject) -> str:
    return _inline(
        (key, json.dumps(value)) for key in KEYS if (value := getattr(subject, key)) is not None
    )


def _inline(pairs: Iterable[tuple[str, str]]) -> str:
    return "{ " + ", ".join(f"{name} = {value}" for name, value in pairs) + " }"
