"""The keys of one ``quantization_config``, which takes note of those that a dialect asks for."""

from collections.abc import Iterator, Mapping
from typing import Any


class Asked(Mapping[str, Any]):
    """What a ``quantization_config`` states; objects in it take note of their keys too."""

    def __init__(self, values: Mapping[str, Any], at: str, asked: set[str] | None = None) -> None:
        self.values_as_given = values
        self.at = at
        self.asked: set[str] = set() if asked is None else asked
        """Places of the keys that were asked for, be they there or not."""

    def __getitem__(self, key: str) -> Any:
        self.pass_over(key)
        value = self.values_as_given[key]
        if isinstance(value, Mapping):
            return Asked(value, f"{self.at}.{key}", self.asked)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_as_given)

    def __len__(self) -> int:
        return len(self.values_as_given)

    def __repr__(self) -> str:
        return repr(dict(self.values_as_given))

    def pass_over(self, *keys: str) -> None:
        """Takes note of keys that are known, and of no consequence beside those that are read."""
        self.asked.update(f"{self.at}.{key}" for key in keys)
