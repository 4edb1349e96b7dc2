"""Quantised checkpoints by their Hugging Face ids, whose ends say the formats."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from typing import Any

from pydantic import Field

from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.quantization import with_published_formats
from llm_simulator.planner.specs.validation import Spec
from llm_simulator.planner.specs.warning import EvaluationWarning


class NamingRule(Spec):
    """What the end of a publisher's ids says of the formats."""

    publishers: tuple[str, ...]
    suffix: str = Field(min_length=2)
    bases: tuple[str, ...] = ()
    """What ids of the models they were made of look like, with wildcards; left out, any."""
    quantization_config: Mapping[str, Any]
    """What those checkpoints' config.json state."""
    source: str

    def covers(self, base: str) -> bool:
        """Whether checkpoints of this model follow the rule."""
        return not self.bases or any(fnmatch(base.lower(), one) for one in self.bases)


def base_and_rule(name: str, rules: Sequence[NamingRule]) -> tuple[str, NamingRule] | None:
    """The id of the model that a checkpoint was made of, and the rule that its own id follows."""
    publisher, _, model = name.strip().partition("/")
    for rule in rules:
        known = publisher.lower() in (each.lower() for each in rule.publishers)
        found = re.fullmatch(f"(.+){re.escape(rule.suffix)}", model, re.IGNORECASE)
        if known and found and rule.covers(found[1]):
            return found[1], rule
    return None


def in_format_of(model: ModelSpec, name: str, rule: NamingRule) -> ModelSpec:
    """``model`` as the checkpoint ``name`` stores it, which a note says."""
    config = {"quantization_config": rule.quantization_config}
    stored = with_published_formats(model, config, "model")
    note = EvaluationWarning.of(
        "format_from_name",
        "{checkpoint} is taken as {model} in the format that names ending in {suffix} mean there; "
        "its own config.json would be exact.",
        checkpoint=name,
        model=model.name,
        suffix=rule.suffix,
    )
    return stored.model_copy(update={"notes": (note,)})
