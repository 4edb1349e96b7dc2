"""From outside data to frozen specs: field types with units, and errors that name the field."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.units import quantity, scaled


class Spec(BaseModel):
    """A frozen input record; an unknown field is an error, not silence."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        protected_namespaces=(),
        # A process builds the validators of what it meets: half of the time of an import.
        defer_build=True,
    )


def _reads(dimension: str) -> BeforeValidator:
    def read(value: object) -> object:
        return quantity(value, dimension) if isinstance(value, str) else value

    return BeforeValidator(read)


# Wide enough for any hardware to come, narrow enough that no formula leaves the floats.
Magnitude = Field(ge=1, le=1e24)
LARGEST_COUNT = 10**9
PositiveInt = Annotated[int, Field(gt=0, le=LARGEST_COUNT, strict=True)]
NonNegativeInt = Annotated[int, Field(ge=0, le=LARGEST_COUNT, strict=True)]
PositiveFloat = Annotated[float, Field(gt=0, le=1e12)]
Milliseconds = Annotated[float, Field(ge=1e-6, le=1e12)]
ByteCount = Annotated[float, _reads("bytes"), Magnitude]
ByteRate = Annotated[float, _reads("bytes/s"), Magnitude]
FlopRate = Annotated[float, _reads("FLOP/s"), Magnitude]
Duration = Annotated[float, _reads("s"), Field(ge=0, le=1e6)]
Watt = Annotated[float, _reads("W"), Magnitude]
Fraction = Annotated[float, Field(ge=1e-6, le=1)]

SpecType = TypeVar("SpecType", bound=BaseModel)


def renamed(data: Mapping[str, Any], unit_names: Mapping[str, tuple[str, float]]) -> dict[str, Any]:
    """``data`` with fields such as ``memory_capacity_gb`` in base units under their plain name.

    Raises ValueError when a figure is given twice.
    """
    plain = {key: value for key, value in data.items() if key not in unit_names}
    for alias, (name, factor) in unit_names.items():
        if alias not in data:
            continue
        if name in plain:
            raise ValueError(f"'{alias}' and '{name}' are given both; keep one")
        plain[name] = scaled(data[alias], factor)
    return plain


def validated(spec: type[SpecType], data: object, field: str) -> SpecType:
    """``data`` as a ``spec``; raises InvalidInput naming each offending field below ``field``."""
    if isinstance(data, spec):
        return data
    if not isinstance(data, Mapping):
        raise InvalidInput.at(field, f"an object is needed here, not {_kind(data)}")
    try:
        return spec.model_validate(dict(data))
    except ValidationError as error:
        raise InvalidInput([_problem(field, e) for e in error.errors()]) from error


def _problem(root: str, error: Any) -> FieldProblem:
    path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "missing":
        message = "is missing"
    elif error["type"] == "extra_forbidden":
        message = "is not a known field"
    elif error["type"] in ("literal_error", "enum"):
        message = f"must be one of {_choices(error)} (given: {_shown(error['input'])})"
    elif error["type"] not in ("value_error", "assertion_error"):
        message = f"{message} (given: {_shown(error['input'])})"
    return FieldProblem(root + path, message)


def _choices(error: Any) -> str:
    """The values that are allowed, without the names of classes that hold them."""
    expected = str(error["ctx"]["expected"])
    values = re.findall(r"<[^:]*: ('[^']*')>", expected) or re.findall(r"'[^']*'", expected)
    return ", ".join(value.strip("'") for value in values) or expected


def _kind(data: object) -> str:
    return "nothing" if data is None else type(data).__name__


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
