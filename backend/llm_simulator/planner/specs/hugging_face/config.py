"""The keys of one ``config.json``, each read with its type or refused by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import listed, nested, positive


@dataclass(frozen=True)
class Config:
    """What a config states, its class's defaults below it, and the request field it stands in."""

    values: Mapping[str, Any]
    field: str = "model"

    @property
    def model_type(self) -> str:
        """Name of the architecture: the key of ``ARCHITECTURES``."""
        return str(self.values.get("model_type", ""))

    def get(self, name: str, absent: Any = None) -> Any:
        """The value of ``name`` as it stands; ``absent`` where it is not given."""
        return self.values.get(name, absent)

    def count(self, name: str, absent: int | None = None) -> int:
        """A positive whole number; ``absent`` where it is not given, if there may be none."""
        if absent is not None and self.values.get(name) is None:
            return absent
        return positive(self.values, name, self.field)

    def listed(self, name: str) -> list[Any]:
        """The list under ``name``, empty where there is none."""
        return listed(self.values, name, self.field)

    def nested(self, name: str) -> Mapping[str, Any]:
        """The object under ``name``, empty where there is none."""
        return nested(self.values, name, self.field)

    def refusal(self, name: str, message: str) -> InvalidInput:
        """The error to raise for ``name``: what is wrong and the way out, in one sentence."""
        return InvalidInput.at(f"{self.field}.{name}", message)


Reader = Callable[[Config], dict[str, Any]]
"""One part of a config as ModelSpec fields; raises InvalidInput for what it can not cost."""
