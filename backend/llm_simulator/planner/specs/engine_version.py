"""Versions of engines, as far as rules depend on them."""

import re
from functools import cache

from llm_simulator.planner.specs.calibration import Engine
from llm_simulator.planner.specs.workload import WorkloadSpec

Version = tuple[int, ...]


@cache
def leading_numbers(text: str | None) -> Version | None:
    """The leading numbers of a version; None where it has none.

    >>> leading_numbers("v0.19.0rc1"), leading_numbers("unknown")
    ((0, 19, 0), None)
    """
    found = re.match(r"v?(\d+(?:\.\d+)*)", text or "")
    return tuple(int(part) for part in found[1].split(".")) if found else None


def version_of(engine: Engine, workload: WorkloadSpec) -> Version | None:
    """The version of ``engine`` that is asked for; None, the newest, where none is known."""
    return leading_numbers(workload.engine_version) if workload.engine == engine else None
