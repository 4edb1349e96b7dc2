"""The axes of a sweep: a field of the request and the values it takes, in any written form.

An axis is ``{"field": …, "values": [...]}``, ``{"field": …, "range": {"from", "to", "step"}}``, a
range with ``count`` (and ``scale``: linear or log) in place of the step, or one text:
``chip.memory_bandwidth=2..8 TB/s step 0.5``, ``inference.input_seq_length=[1k, 4k, 16k]``.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.planner.requests.sweep_text import listed, range_of
from llm_simulator.units import Amount, amount, is_number

MOST_AXES = 2
MOST_POINTS = 2_500
"""Points of one sweep: a heat map of 50 by 50."""
SIGNIFICANT_DIGITS = 6
"""Of the values between the ends of a logarithmic range."""
WAYS = "a list, 'values', or a 'range' with from, to and either step or count"
_AXIS = {"field", "values", "range", "labels"}
_RANGE = {"from", "to", "step", "count", "scale"}
_ALIASES = {"chip": "hardware"}


@dataclass(frozen=True)
class Axis:
    """One field and its values, in order and without repetition."""

    field: str
    """Dotted path from the request's root, as written."""
    values: tuple[Any, ...]
    """What the field is set to at each step."""
    labels: tuple[str, ...]
    """What a table calls the steps."""

    @property
    def path(self) -> tuple[str, ...]:
        """The names on the way from the root; ``chip`` is another word for ``hardware``."""
        root, *names = self.field.split(".")
        return (_ALIASES.get(root, root), *names)

    @property
    def part(self) -> str:
        """The part of the request that the field is, or lies in."""
        return self.path[0]

    @property
    def is_whole(self) -> bool:
        """Whether the axis runs over whole parts: chips, models, topologies, loads."""
        return "." not in self.field

    @property
    def unit(self) -> str | None:
        """The unit that all values are written in, if there is one."""
        units = {read.unit for read in self._amounts if read is not None}
        return units.pop() if len(units) == 1 and None not in self._amounts else None

    @property
    def shown(self) -> list[float | str]:
        """The values as a chart's axis has them: numbers in ``unit``, or labels."""
        if self.unit is not None:
            return [float(read.number) for read in self._amounts if read is not None]
        if all(is_number(value) for value in self.values):
            return list(self.values)
        return list(self.labels)

    @property
    def _amounts(self) -> list[Amount | None]:
        return [amount(value) if isinstance(value, str) else None for value in self.values]


def axes_of(data: object) -> tuple[Axis, ...]:
    """The one or two axes of a request's ``sweep``; raises InvalidInput naming what is wrong."""
    if not isinstance(data, Sequence) or isinstance(data, str) or not 1 <= len(data) <= MOST_AXES:
        raise InvalidInput.at(
            "sweep", "a list of one or two axes is needed: [{'field': …, 'values': [...]}]"
        )
    axes = tuple(_axis(item, f"sweep[{number}]") for number, item in enumerate(data))
    if len({axis.path for axis in axes}) < len(axes):
        raise InvalidInput.at("sweep[1].field", f"'{axes[1].field}' is swept by the first axis")
    points = math.prod(len(axis.values) for axis in axes)
    if points > MOST_POINTS:
        raise InvalidInput.at(
            "sweep", f"has {points:,} points, more than {MOST_POINTS:,}; take fewer values"
        )
    return axes


def _axis(data: object, at: str) -> Axis:
    if isinstance(data, str):
        data = _from_text(data, at)
    if not isinstance(data, Mapping):
        raise InvalidInput.at(at, f"an axis is an object or a text, not {type(data).__name__}")
    _refuse_unknown(data, _AXIS | _RANGE, at)
    field = data.get("field")
    if not isinstance(field, str) or not all(field.split(".")):
        raise InvalidInput.at(
            f"{at}.field", "a dotted path is needed, such as chip.memory_bandwidth or hardware"
        )
    values = tuple(_values(data, at))
    return Axis(field, values, _labels(data.get("labels"), values, at))


def _from_text(text: str, at: str) -> dict[str, Any]:
    """``field=values`` or ``field: values`` as an object."""
    ends = [place for mark in "=:" if (place := text.find(mark)) > 0]
    if not ends:
        raise InvalidInput.at(at, f"write 'chip.memory_bandwidth=2..8 TB/s step 0.5', not '{text}'")
    return {"field": text[: min(ends)].strip(), "values": text[min(ends) + 1 :].strip()}


def _values(data: Mapping[str, Any], at: str) -> list[Any]:
    """The values of an axis, however they are written."""
    ranged = {name: data[name] for name in _RANGE if name in data}
    given = [name for name in ("values", "range") if name in data] + ["from"] * bool(ranged)
    if len(given) != 1:
        raise InvalidInput.at(at, f"give the values in one way: {WAYS}")
    if ranged:
        return _stepped(ranged, at)
    name = given[0]
    return values_of(data[name], f"{at}.{name}")


def values_of(written: object, at: str) -> list[Any]:
    """Values from a list, a text or an object with a range."""
    if isinstance(written, str):
        spans = range_of(written)
        return _stepped(spans, at) if spans else _each(listed(written), at)
    if isinstance(written, Mapping):
        _refuse_unknown(written, _RANGE, at)
        return _stepped(written, at)
    if isinstance(written, Sequence):
        return _each(written, at)
    raise InvalidInput.at(at, f"{WAYS} is needed")


def _each(values: Sequence[Any], at: str) -> list[Any]:
    """Listed values; 1k is 1,024. Raises InvalidInput for none, too many and repeated ones."""
    if not 1 <= len(values) <= MOST_POINTS:
        raise InvalidInput.at(at, f"1 to {MOST_POINTS:,} values are needed, not {len(values):,}")
    places: dict[str, int] = {}
    read = [_plain(value, f"{at}[{number}]") for number, value in enumerate(values)]
    for number, value in enumerate(read):
        first = places.setdefault(repr(value), number)
        if first != number:
            raise InvalidInput.at(f"{at}[{number}]", f"repeats {at}[{first}]")
    return read


def _plain(value: object, at: str) -> Any:
    """A listed value, a number written as text as the number."""
    if value is None or isinstance(value, bool):
        raise InvalidInput.at(at, "a number, a text or an object is needed")
    read = amount(value) if isinstance(value, str) else None
    return value if read is None or read.unit is not None else read.plain


def _stepped(spans: Mapping[str, Any], at: str) -> list[Any]:
    """The values of a range, both ends included where the steps reach them."""
    amounts = {name: _amount(spans, name, at) for name in ("from", "to", "step") if name in spans}
    missing = [name for name in ("from", "to") if name not in amounts]
    if missing or ("step" in spans) == ("count" in spans):
        raise InvalidInput.at(at, "a range has from, to and either step or count")
    units = {read.unit for read in amounts.values() if read.unit is not None}
    if len(units) > 1:
        raise InvalidInput.at(at, f"write the range in one unit, not in {', '.join(sorted(units))}")
    low, high = amounts["from"].number, amounts["to"].number
    if low >= high:
        raise InvalidInput.at(f"{at}.to", f"must be above from ({low}), not {high}")
    unit = next(iter(units), None)
    if "step" in amounts:
        _refuse_scale(spans, at)
        return [Amount(number, unit).value for number in _by_step(low, high, amounts["step"], at)]
    numbers = _by_count(low, high, _count(spans["count"], at), _is_log(spans, low, at))
    return [Amount(number, unit).value for number in _whole_where_possible(numbers, unit)]


def _amount(spans: Mapping[str, Any], name: str, at: str) -> Amount:
    read = amount(spans[name])
    if read is None:
        raise InvalidInput.at(
            f"{at}.{name}",
            f"a number, with its unit if it has one, is needed, not {spans[name]!r}; 1k is 1,024",
        )
    return read


def _by_step(low: Any, high: Any, step: Amount, at: str) -> list[Any]:
    if step.number <= 0:
        raise InvalidInput.at(f"{at}.step", f"must be above 0, not {step.number}")
    steps = int((high - low) / step.number)
    if steps >= MOST_POINTS:
        raise InvalidInput.at(
            f"{at}.step", f"gives {steps + 1:,} values, more than {MOST_POINTS:,}; take larger ones"
        )
    return [low + number * step.number for number in range(steps + 1)]


def _by_count(low: Any, high: Any, count: int, logarithmic: bool) -> list[Any]:
    """``count`` numbers evenly spaced from ``low`` to ``high``, or their logarithms are."""
    kind = type(low)
    if not logarithmic:
        between = [low + (high - low) * number / (count - 1) for number in range(1, count - 1)]
        return [low, *(kind(f"{value:.{2 * SIGNIFICANT_DIGITS}g}") for value in between), high]
    ratio = float(high / low) ** (1 / (count - 1))
    between = [float(low) * ratio**number for number in range(1, count - 1)]
    return [low, *(kind(f"{value:.{SIGNIFICANT_DIGITS}g}") for value in between), high]


def _whole_where_possible(numbers: list[Any], unit: str | None) -> list[Any]:
    """Whole numbers between whole ends that lie far enough apart: tokens, requests, chips."""
    rounded = [round(number) for number in numbers]
    ends_are_whole = numbers[0] == rounded[0] and numbers[-1] == rounded[-1]
    apart = all(b - a >= 1 for a, b in pairwise(numbers))
    if unit is not None or not ends_are_whole or not apart:
        return numbers
    return [type(numbers[0])(number) for number in rounded]


def _count(count: object, at: str) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= MOST_POINTS:
        raise InvalidInput.at(
            f"{at}.count", f"must be a whole number from 2 to {MOST_POINTS:,}, not {count!r}"
        )
    return count


def _is_log(spans: Mapping[str, Any], low: Any, at: str) -> bool:
    scale = spans.get("scale", "linear")
    if scale not in ("linear", "log"):
        raise InvalidInput.at(f"{at}.scale", f"must be linear or log, not {scale!r}")
    if scale == "log" and low <= 0:
        raise InvalidInput.at(f"{at}.from", f"must be above 0 on a log scale, not {low}")
    return scale == "log"


def _refuse_scale(spans: Mapping[str, Any], at: str) -> None:
    if spans.get("scale", "linear") != "linear":
        raise InvalidInput.at(f"{at}.scale", "goes with count, not with step")


def _refuse_unknown(data: Mapping[str, Any], known: set[str], at: str) -> None:
    unknown = sorted(set(data) - known)
    if unknown:
        raise InvalidInput(
            [FieldProblem(f"{at}.{name}", "is not a known field") for name in unknown]
        )


def _labels(given: object, values: Sequence[Any], at: str) -> tuple[str, ...]:
    if given is None:
        return tuple(_label(value, number) for number, value in enumerate(values))
    labels = given if isinstance(given, list | tuple) else []
    if len(labels) != len(values) or not all(isinstance(text, str) and text for text in labels):
        raise InvalidInput.at(f"{at}.labels", "a text for each value is needed")
    return tuple(labels)


def _label(value: Any, number: int) -> str:
    """What a table calls a value.

    >>> [_label(value, 2) for value in (16384, 0.5, "2 TB/s", {"name": "h100"}, {}, [1, 2])]
    ['16384', '0.5', '2 TB/s', 'h100', '#3', '[1, 2]']
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return str(value.get("name", f"#{number + 1}"))
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)
