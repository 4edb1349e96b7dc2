"""Errors on runs that a calibration was not fitted on, where ``held_out.json`` reports them.

.. code-block:: json

    {"curve": {"tpot": {"mean": 0.1, "median": 0.06}, "ttft": {"mean": 0.2, "median": 0.1},
               "interval_coverage": {"tpot": 0.8, "ttft": 0.8}},
     "transfer": {},
     "by": [{"chip": "h100-sxm", "engine": "vllm", "rows": 10, "tpot": {}, "ttft": {}}]}

Every part may be left out.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from validation.tables import percent, table

SPLITS = {
    "curve": "whole curves of known combinations",
    "transfer": "combinations of model, chip and engine not fitted on",
}
_HEADER = ["TPOT mean", "median", "TTFT mean", "median", "TPOT in interval", "TTFT in interval"]


def read_held_out(path: Path) -> dict[str, Any] | None:
    """The report of a file; None where there is no file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def held_out_section(report: Mapping[str, Any] | None) -> list[str]:
    """The section of the page; nothing without a report."""
    if not report:
        return []
    splits = [[text, *_cells(report[name])] for name, text in SPLITS.items() if report.get(name)]
    groups = [[f"{g['chip']} · {g['engine']}", *_cells(g)] for g in report.get("by", [])]
    section = ["## Held-out runs", "", "Predicted without having been fitted on.", ""]
    section += [*table(["held out", *_HEADER], splits), ""]
    if groups:
        section += [*table(["chip · engine", *_HEADER], groups), ""]
    return section


def _cells(errors: Mapping[str, Any]) -> list[str]:
    shares = [errors.get(name, {}).get(key) for name in ("tpot", "ttft") for key in _KEYS]
    shares += [errors.get("interval_coverage", {}).get(name) for name in ("tpot", "ttft")]
    return [percent("" if share is None else str(share)) for share in shares]


_KEYS = ("mean", "median")
