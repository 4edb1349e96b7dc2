"""The keys of one ``config.json``, each read with its type or refused by name."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import listed, nested
from llm_simulator.planner.specs.hugging_face.spellings import also_read_as
from llm_simulator.planner.specs.model import LARGEST_LAYER_COUNT


@dataclass(frozen=True)
class Config:
    """What a config states under our spelling, over what its architecture's row fills in."""

    values: Mapping[str, Any]
    """Keys that are not null; null only where the row says that a key may be missing."""
    field: str = "model"
    """The request's field that it stands in."""
    nulls: frozenset[str] = frozenset()
    """Keys that the config states to be null."""
    asked: set[str] = dataclasses.field(default_factory=set, compare=False, repr=False)
    """Every key that was asked for, under the field it stands in; one for all parts of a file."""

    def over(self, given: Mapping[str, Any]) -> "Config":
        """This config with ``given`` in place of what it states."""
        return replace(self, values={**self.values, **given})

    def part(self, name: str) -> "Config":
        """The object under ``name`` as a config of its own, empty where there is none."""
        return Config(self.nested(name), f"{self.field}.{name}", asked=self.asked)

    def renamed(self, names: Mapping[str, str]) -> "Config":
        """This config with ``names``, its own for keys, each also under ours."""
        return self.over({ours: self.get(own) for own, ours in names.items() if self.has(own)})

    @property
    def model_type(self) -> str:
        """Name of the architecture: the key of ``ARCHITECTURES``."""
        return str(self.get("model_type", ""))

    def get(self, name: str, absent: Any = None) -> Any:
        """The value of ``name`` as it stands; ``absent`` where it is not given."""
        self.pass_over(name)
        return self.values.get(name, absent)

    def has(self, name: str) -> bool:
        """Whether ``name`` is there, be it null."""
        self.pass_over(name)
        return name in self.values

    def pass_over(self, *names: str) -> None:
        """Takes note of keys that are known, and of no consequence in this config."""
        self.asked.update(f"{self.field}.{name}" for name in names)

    def states(self, name: str) -> bool:
        """Whether there is a value for ``name``, of the config or of its architecture's row."""
        return self.get(name) is not None

    def count(self, name: str, derived: int | None = None) -> int:
        """A positive whole number; ``derived`` where the architecture's row lets it be missing."""
        value = self._value(name)
        if value is None and derived is not None:
            return derived
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.refusal(name, "must be a positive whole number")
        if name == "num_hidden_layers" and value > LARGEST_LAYER_COUNT:
            raise self.refusal(name, f"must be at most {LARGEST_LAYER_COUNT}")
        return value

    def whole(self, name: str) -> int:
        """A whole number that may be 0."""
        return 0 if self._value(name) == 0 and type(self._value(name)) is int else self.count(name)

    def optional_count(self, name: str) -> int | None:
        """A positive whole number, or None where the row lets it be missing."""
        return None if self._value(name) is None else self.count(name)

    def nullable_count(self, name: str) -> int | None:
        """A positive whole number, or None where the config itself says null."""
        return None if name in self.nulls else self.count(name)

    def flag(self, name: str) -> bool:
        """A true or false."""
        value = self._value(name)
        if not isinstance(value, bool):
            raise self.refusal(name, "must be true or false")
        return value

    def listed(self, name: str) -> list[Any]:
        """The list under ``name``, empty where there is none."""
        self.pass_over(name)
        return listed(self.values, name, self.field)

    def per_layer(self, name: str, kinds: Sequence[Any]) -> list[Any] | None:
        """One of ``kinds`` for each layer; None where the config does not list them."""
        if not self.states(name):
            return None
        found, layers = self.listed(name), self.count("num_hidden_layers")
        found = [_before(kind) if _before(kind) in kinds else kind for kind in found]
        if len(found) != layers:
            raise self.refusal(name, f"names {len(found)} layers of num_hidden_layers {layers}")
        unknown = [kind for kind in found if isinstance(kind, bool) or kind not in kinds]
        if unknown:
            raise self.refusal(name, f"'{unknown[0]}' is not one of {', '.join(map(str, kinds))}")
        return found

    def nested(self, name: str) -> Mapping[str, Any]:
        """The object under ``name``, empty where there is none."""
        self.pass_over(name)
        return nested(self.values, name, self.field)

    def refusal(self, name: str, message: str) -> InvalidInput:
        """The error to raise for ``name``: what is wrong and the way out, in one sentence."""
        return InvalidInput.at(f"{self.field}.{name}", message)

    def _value(self, name: str) -> Any:
        if not self.has(name):
            spellings = also_read_as(name)
            raise self.refusal(name, f"is missing{spellings}: the size of {self._whose} needs it")
        return self.values[name]

    @property
    def _whose(self) -> str:
        return f"a '{self.model_type}' model" if self.model_type else "the model"


def _before(kind: object) -> object:
    """What a kind of layer was called before the transformers library 5 renamed it."""
    return {"linear_attention": "mamba", "full_attention": "attention"}.get(str(kind), kind)


Reader = Callable[[Config], dict[str, Any]]
"""One part of a config as ModelSpec fields; raises InvalidInput for what it can not cost."""
