"""What a user should know although there is a result: each a code, a sentence and its figures."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, StringConstraints, model_validator

from llm_simulator.planner.specs.validation import Spec

WarningCode = Literal[
    "chip_label",
    "context_length",
    "simulated_aggregated_only",
    "image_tokens_assumed",
    "weights_assumed_bf16",
    "unread_keys",
    "format_from_name",
    "residual_attention_untimed",
    "attention_in_bf16",
    "cache_format_of_checkpoint",
    "prompts_outside_measured",
    "outputs_outside_measured",
    "eagle_head_assumed",
    "prediction_layer_in_bf16",
    "draft_model_unnamed",
    "vocabularies_differ",
    "no_engine_starts",
    "engine_not_on_chip",
    "engine_lacks_model",
    "pools_of_one_engine",
    "price_kinds_differ",
    "overloaded",
    "requests_in_step",
    "percentile_tried",
    "percentile_tried_best",
    "preview_without_traffic",
    "hypothetical_chips",
    "other",
]
"""``other`` is a sentence without a code: from before there were codes, or from a newer version."""
CODES: tuple[str, ...] = get_args(WarningCode)
Text = Annotated[str, StringConstraints(max_length=10_000)]


class EvaluationWarning(Spec):
    """A warning or note: ``message`` is English with ``values`` filled in.

    >>> EvaluationWarning.of("cache_format_of_checkpoint", "The cache is in {cache}.", cache="fp8")
    EvaluationWarning(code='cache_format_of_checkpoint', message='The cache is in fp8.', \
values={'cache': 'fp8'})
    >>> EvaluationWarning.model_validate("Mind the gap.").code
    'other'
    """

    code: WarningCode
    """What it is about; stable, so that it can be told in another language."""
    message: Text
    values: dict[Text, int | float | Text] = Field(max_length=100)
    """The names and figures in the message."""

    @classmethod
    def of(cls, code: WarningCode, message: str, **values: float | str) -> "EvaluationWarning":
        """The warning of one ``code``; ``message`` is a template of the ``values``."""
        return cls(code=code, message=message.format(**values), values=values)

    @model_validator(mode="before")
    @classmethod
    def _sentences(cls, data: Any) -> Any:
        if isinstance(data, str):
            data = {"message": data}
        if not isinstance(data, dict):
            return data
        known = data.get("code") in CODES
        return {"values": {}} | data | ({} if known else {"code": "other"})

    def __str__(self) -> str:
        return self.message
