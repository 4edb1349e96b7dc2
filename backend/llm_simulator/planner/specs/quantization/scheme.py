"""What a checkpoint says of its formats, whatever dialect it says it in."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from llm_simulator.planner.specs.dtypes import NATIVE_ACTIVATIONS, Dtype
from llm_simulator.planner.specs.modules import Module, WeightFormat
from llm_simulator.planner.specs.quantization.patterns import NamedModules

EVERY = frozenset(Module)
BUT_THE_HEAD = EVERY - {Module.HEAD}

UNQUANTISED = WeightFormat(dtype=Dtype.BF16)


@dataclass(frozen=True)
class Rule:
    """What the modules of some names are stored in; the first rule that names one holds."""

    names: NamedModules
    stored: WeightFormat


@dataclass(frozen=True)
class Scheme:
    """A checkpoint's formats: exclusions, exceptions, and what holds for the rest."""

    rest: WeightFormat
    quantised: frozenset[Module] = EVERY
    """Modules that ``rest`` holds for; the others are unquantised."""
    rules: tuple[Rule, ...] = ()
    kv_cache: Dtype | None = None
    excluded: NamedModules = field(default_factory=lambda: NamedModules(()))

    def in_layer(self, layer: int) -> Hashable:
        """What it says of a layer: the same for layers that it stores alike."""
        return tuple(names.in_layer(layer) for names in self._lists)

    @property
    def _lists(self) -> tuple[NamedModules, ...]:
        return (self.excluded, *(rule.names for rule in self.rules))

    def stored(self, module: Module, names: tuple[str, ...]) -> WeightFormat:
        """The format of the matrix that goes by one of ``names``."""
        if any(name in self.excluded for name in names):
            return UNQUANTISED
        for rule in self.rules:
            if any(name in rule.names for name in names):
                return rule.stored
        return self.rest if module in self.quantised else UNQUANTISED


def multiplied_with(stored: WeightFormat, activation: Dtype) -> WeightFormat:
    """The same weights, multiplied with other activations than their format's own."""
    if NATIVE_ACTIVATIONS.get(stored.dtype, Dtype.BF16) is activation:
        return stored
    return stored.model_copy(update={"activation_dtype": activation})
