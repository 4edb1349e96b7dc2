"""A kernel fit as a data file: coefficients with unit, source, date and residuals."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from research.kernels.curve import CollectiveCurve, KernelCurve
from research.kernels.fit import FittedCurve, KernelFit, Missing, Residuals

from llm_simulator.errors import InvalidInput
from llm_simulator.units import MICRO

SECONDS = ("fixed", "serial_latency", "per_rank", "ramp", "turn")
"""Coefficients in seconds, written in microseconds."""

HEAD = """\
# What kernels reach of the data sheet: coefficients of calibration/kernels/curve.py.
# Errors are |fitted - measured| / measured over all rows of the table that were used.
"""


def document(fit: KernelFit, *, source: str, entered: str) -> str:
    """The text of the data file; ``source``: package and version of the tables."""
    lines = [
        HEAD,
        f"chip = {_text(fit.chip)}",
        f"engine = {_text(fit.engine)}",
        f"source = {_text(source)}",
        f"entered = {_text(entered)}",
    ]
    for curve in fit.curves:
        lines += ["", *_section(curve)]
    lines += ["", "[missing]"] if fit.missing else []
    lines += [f"{_text(f'{m.operator}.{m.format}')} = {_text(m.reason)}" for m in fit.missing]
    return "\n".join(lines) + "\n"


def read_document(text: str) -> KernelFit:
    """The fit in the text of a data file; raises InvalidInput naming the section at fault."""
    data = tomllib.loads(text)
    curves = [
        _curve(operator, name, section)
        for operator, sections in data.items()
        if isinstance(sections, Mapping) and operator != "missing"
        for name, section in sections.items()
    ]
    missing = []
    for place, reason in data.get("missing", {}).items():
        operator, name = place.split(".", 1)
        missing.append(Missing(operator, name, reason))
    return KernelFit(data["chip"], data["engine"], tuple(curves), tuple(missing))


def _section(fitted: FittedCurve) -> list[str]:
    residuals = fitted.residuals
    lines = [f"[{fitted.operator}.{fitted.format}]"]
    for name, value in asdict(fitted.curve).items():
        if name in SECONDS:
            lines.append(f"{name}_us = {_number(value / MICRO)}")
        else:
            lines.append(f"{name} = {_number(value)}")
    if fitted.host_bound:
        lines.append("# Small calls waited for the host when measured: fixed_us is a guess.")
        lines.append("host_bound = true")
    lines += [
        f"table = {_text(fitted.table)}",
        f"rows = {residuals.rows}",
        f"rows_left_out = {residuals.left_out}",
        f"mean_error = {_number(residuals.mean)}",
        f"median_error = {_number(residuals.median)}",
        f"bias = {_number(residuals.bias)}",
    ]
    return lines


def _curve(operator: str, name: str, section: Mapping[str, Any]) -> FittedCurve:
    kind = CollectiveCurve if "per_rank_us" in section else KernelCurve
    try:
        values = {f.name: _coefficient(section, f.name) for f in fields(kind)}
        residuals = Residuals(
            rows=section["rows"],
            left_out=section["rows_left_out"],
            mean=section["mean_error"],
            median=section["median_error"],
            bias=section["bias"],
        )
        table = section["table"]
    except KeyError as error:
        field = f"{operator}.{name}.{error.args[0]}"
        raise InvalidInput.at(field, "is missing in the calibration file") from error
    host_bound = section.get("host_bound", False)
    return FittedCurve(operator, name, kind(**values), residuals, table, host_bound)


def _coefficient(section: Mapping[str, Any], name: str) -> float:
    return section[f"{name}_us"] * MICRO if name in SECONDS else section[name]


def _number(value: float) -> str:
    """Four digits: no fit knows more.

    >>> _number(0.81736), _number(1234.0)
    ('0.8174', '1234.0')
    """
    return repr(float(f"{value:.4g}"))


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
