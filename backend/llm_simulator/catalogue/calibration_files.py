"""Reads a calibration as ``tier6 calibrate`` writes it: one line a level.

A case needs a dozen of the hundreds of levels, which are nearly all of the file. So their subjects
are read at once, with ``json`` for the values, and the rest of a line when it is needed.
"""

import json
import re
import tomllib
from functools import partial

from llm_simulator.planner.requests.calibrations import (
    CalibrationFile,
    Level,
    StoredLevel,
    Subject,
    read_calibration,
)
from llm_simulator.planner.specs.validation import validated

_FIRST, _LAST = "\nlevels = [\n", "\n]\n"
_PAIR = re.compile(r'(\w+) = ("(?:[^"\\]|\\.)*")')
_SUBJECT = re.compile(rf"    \{{ subject = \{{ *(?:{_PAIR.pattern}[, ]*)*\}}")


def stored_calibration(text: str, name: str) -> CalibrationFile:
    """The calibration in the ``text`` of the file ``name``; raises InvalidInput."""
    before, _, rest = text.partition(_FIRST)
    lines, _, after = rest.partition(_LAST)
    heads = [_SUBJECT.match(line) for line in lines.splitlines()]
    if not heads or not all(heads):
        return read_calibration(tomllib.loads(text), name)
    head = read_calibration(tomllib.loads(f"{before}{_FIRST}{_LAST}{after}"), name)
    return head.with_stored(
        [
            StoredLevel(_subject(found[0]), partial(_level, found.string, name))
            for found in heads
            if found is not None
        ]
    )


def _subject(text: str) -> Subject:
    return Subject(**{key: json.loads(value) for key, value in _PAIR.findall(text)})


def _level(line: str, name: str) -> Level:
    [data] = tomllib.loads(f"levels = [{line}]")["levels"]
    return validated(Level, data, name)
