"""Which subjects a fit tells apart, and how far each may depart from what lies above it.

A level's offsets are drawn towards zero: a subject with few runs stays near its engine and chip,
one with many goes where its runs are (ridge regression, the mean of a Gaussian posterior).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.requests.calibrations import Subject
from llm_simulator.units import IntArray

UNKNOWN_VERSION = "unknown"
"""Version of runs that don't state theirs: levels of a version must not cover the others."""


@dataclass(frozen=True)
class Kind:
    """Subjects that differ in ``keys``, with the spread their offsets are expected to have."""

    keys: tuple[str, ...]
    spread: float
    """Expected standard deviation of the offset, in logarithms."""
    local_spread: float = 0.0
    """The same of what a correction adds at each load and plan."""


@dataclass(frozen=True)
class Grouping:
    """The runs of one kind of level: the subjects found and which run belongs to which; [R]."""

    kind: Kind
    subjects: tuple[Subject, ...]
    member: IntArray


def grouped(kind: Kind, subjects: Sequence[Subject]) -> Grouping:
    """The subjects of a kind among the runs, in the order of their first run."""
    found: dict[Subject, int] = {}
    member = []
    for subject in subjects:
        known = subject.model_copy(update={"version": subject.version or UNKNOWN_VERSION})
        own = Subject(**{key: getattr(known, key) for key in kind.keys})
        member.append(found.setdefault(own, len(found)))
    return Grouping(kind, tuple(found), np.array(member))


FACTOR_KINDS = (
    Kind((), 0.7),
    Kind(("engine",), 0.3),
    Kind(("chip",), 0.12),
    Kind(("engine", "chip"), 0.06),
    Kind(("precision",), 0.1),
    Kind(("engine", "precision"), 0.1),
    Kind(("chip", "precision"), 0.1),
    Kind(("engine", "model"), 0.1),
)
"""Factors of kernels and host: properties of engine and chip, and of the kernels that a format or
a model calls for."""

VERSION_KIND = Kind(("engine", "version"), 0.7)
"""How an engine's version takes in prompts differs more than how its kernels run."""
VERSION_SHARE = 0.2
"""Of that spread what kernels may differ by."""

VERSION_FACTORS = (
    "first_token_overhead",
    "admission_steps",
    "prompt_steps",
    "queueing",
    "opening_burst",
    "slot_wait",
)

CORRECTION_KINDS = (
    Kind(("model", "precision"), 0.035, 0.035),
    Kind(("engine", "model"), 0.07, 0.07),
    Kind(("engine", "chip", "model"), 0.1, 0.1),
    Kind(("engine", "chip", "model", "precision"), 0.1, 0.1),
    Kind(("engine", "version"), 0.07, 0.07),
    Kind(("engine", "model", "version"), 0.14, 0.14),
    Kind(("engine", "chip", "model", "version"), 0.14, 0.14),
    Kind(("engine", "chip", "model", "precision", "version"), 0.1, 0.1),
)
"""What formulas miss of a model on an engine: shapes over load and plan."""
