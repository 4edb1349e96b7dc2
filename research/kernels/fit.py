"""Fitting every curve that a folder of tables has measurements for."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from research.kernels.attention import (
    decode_samples,
    latent_decode_samples,
    latent_prompt_samples,
    prompt_samples,
)
from research.kernels.collectives import (
    CollectiveSample,
    engine_samples,
    library_samples,
)
from research.kernels.curve import CollectiveCurve, KernelCurve, kernel_time
from research.kernels.gemm import gemm_samples
from research.kernels.least_squares import fitted
from research.kernels.linear_attention import linear_attention_samples
from research.kernels.mixture import mixture_samples
from research.kernels.sample import Sample
from research.kernels.table import Table, read_table

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.units import Array

FEWEST_ROWS = 20
"""Rows below which no curve is fitted."""
WORST_MEDIAN = 0.4
"""Median error above which a curve says less than the data sheet."""
MOST_ROWS = 20_000
"""Rows that a fit looks at, evenly drawn; residuals are of all."""

AnySample = Sample | CollectiveSample
FRAGMENT = 0.2
"""Size relative to the largest version of a table below which a newer one is passed over."""
SHARED = "nccl"
"""Folder of tables that all engines share."""

TABLES: Mapping[str, Callable[[Table, ChipSpec], Iterator[AnySample]]] = {
    "gemm_perf": gemm_samples,
    "generation_attention_perf": decode_samples,
    "context_attention_perf": prompt_samples,
    "generation_mla_perf": latent_decode_samples,
    "context_mla_perf": latent_prompt_samples,
    "moe_perf": mixture_samples,
    "gdn_perf": linear_attention_samples,
    "custom_allreduce_perf": engine_samples,
    "nccl_perf": library_samples,
}
"""What is read of each table, by the name of its file."""


@dataclass(frozen=True)
class Residuals:
    """Errors |fitted - measured| / measured of a curve over its rows."""

    rows: int
    left_out: int
    mean: float
    median: float
    bias: float
    """Mean of (fitted - measured) / measured."""


@dataclass(frozen=True)
class FittedCurve:
    """A curve with where it comes from and how well it fits."""

    operator: str
    format: str
    curve: KernelCurve | CollectiveCurve
    residuals: Residuals
    table: str
    host_bound: bool = False


@dataclass(frozen=True)
class Missing:
    """A curve that a table was for and could not give."""

    operator: str
    format: str
    reason: str


@dataclass(frozen=True)
class KernelFit:
    """All curves of one chip and engine, and those that could not be fitted."""

    chip: str
    engine: str
    curves: tuple[FittedCurve, ...]
    missing: tuple[Missing, ...] = ()


def fit_kernels(tables: Path, chip: ChipSpec, engine: str) -> KernelFit:
    """The curves of ``chip`` under ``engine`` from the tables below the folder ``tables``.

    A table counts when its path below ``tables`` names the engine (or nccl, shared by all) or no
    folder at all; of several versions the newest that is not a fragment.
    Raises InvalidInput when there is no table to fit, or naming the table and column at fault.
    """
    found = [entry for name in TABLES for entry in _of_table(tables, name, chip, engine)]
    curves = tuple(entry for entry in found if isinstance(entry, FittedCurve))
    if not curves:
        raise InvalidInput.at(
            "tables",
            f"no table of '{engine}' with at least {FEWEST_ROWS} usable rows; "
            f"known names: {', '.join(TABLES)} (.parquet or .csv)",
        )
    missing = tuple(entry for entry in found if isinstance(entry, Missing))
    return KernelFit(chip.name, engine, curves, missing)


def _of_table(
    tables: Path, name: str, chip: ChipSpec, engine: str
) -> Iterator[FittedCurve | Missing]:
    """The curves of one kind of table; nothing where there is none for the engine."""
    path = _newest(tables, name, engine)
    if path is None:
        return
    for sample in TABLES[name](read_table(path), chip):
        yield _curve_or_reason(sample, str(path.relative_to(tables)))


def _curve_or_reason(sample: AnySample, source: str) -> FittedCurve | Missing:
    reason = _why_not(sample)
    if reason:
        return Missing(sample.operator, sample.format, reason)
    curve = fitted_curve(sample, source)
    if curve.residuals.median > WORST_MEDIAN:
        reason = f"the best curve is off by {curve.residuals.median:.0%} on half of the rows"
        return Missing(sample.operator, sample.format, reason)
    return curve


def _why_not(sample: AnySample) -> str:
    """Why no curve can be fitted; empty when one can."""
    if isinstance(sample, Sample) and 3 * len(sample) < sample.host_rows:
        return "measured while waiting for the host: most times are the host's, not the kernel's"
    if len(sample) < FEWEST_ROWS:
        return f"{len(sample)} usable rows, fewer than {FEWEST_ROWS}"
    return ""


def fitted_curve(sample: AnySample, source: str) -> FittedCurve:
    """The curve nearest to ``sample``, with its residuals over all of the sample's rows."""
    if isinstance(sample, CollectiveSample):
        found = fitted(lambda c: sample.time(CollectiveCurve(**c)), sample.bounds, sample.measured)
        curve = CollectiveCurve(**found)
        residuals = _residuals(sample.time(curve), sample.measured, 0)
        return FittedCurve(sample.operator, sample.format, curve, residuals, source)
    part = sample.where(np.arange(len(sample)) % (1 + len(sample) // MOST_ROWS) == 0)
    found = fitted(
        lambda c: np.asarray(kernel_time(KernelCurve(**c), part.demand)),
        sample.bounds,
        part.measured,
    )
    kernel = KernelCurve(**found)
    times = np.asarray(kernel_time(kernel, sample.demand))
    residuals = _residuals(times, sample.measured, sample.left_out)
    host_bound = sample.host_rows > 0
    return FittedCurve(sample.operator, sample.format, kernel, residuals, source, host_bound)


def _residuals(times: Array, measured: Array, left_out: int) -> Residuals:
    errors = times / measured - 1
    sizes = np.abs(errors)
    return Residuals(
        rows=len(measured),
        left_out=left_out,
        mean=float(np.mean(sizes)),
        median=float(np.median(sizes)),
        bias=float(np.mean(errors)),
    )


def _newest(tables: Path, name: str, engine: str) -> Path | None:
    """The table of that name for the engine: the newest that is not a small fragment."""
    found = [p for p in tables.rglob(f"{name}.*") if p.suffix in (".parquet", ".csv")]
    found = [p for p in found if _belongs(p.relative_to(tables), engine)]
    if not found:
        return None
    largest = max(path.stat().st_size for path in found)
    whole = [path for path in found if path.stat().st_size >= FRAGMENT * largest]
    return max(whole, key=lambda path: _version(path.parent.name))


def _belongs(path: Path, engine: str) -> bool:
    folders = path.parts[:-1]
    return not folders or engine in folders or SHARED in folders


def _version(text: str) -> tuple[int, ...]:
    """The numbers in a version, for comparing.

    >>> _version("0.24.0") > _version("0.9.1"), _version("1.3.0rc20") > _version("1.3.0rc9")
    (True, True)
    """
    return tuple(int(number) for number in re.findall(r"\d+", text))
