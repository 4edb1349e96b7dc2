"""Warnings with codes, read back from whatever was stored."""

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.validation import validated
from llm_simulator.planner.specs.warning import EvaluationWarning
from tests.deployments import CATALOGUE

GIVEN = EvaluationWarning.of("overloaded", "{many} of 3.", many=2)


def test_the_message_says_the_values():
    assert str(GIVEN) == "2 of 3."
    assert GIVEN.model_dump() == {"code": "overloaded", "message": "2 of 3.", "values": {"many": 2}}


def test_what_was_written_is_read_back():
    assert EvaluationWarning.model_validate_json(GIVEN.model_dump_json()) == GIVEN


def test_a_sentence_of_before_there_were_codes_is_a_warning():
    read = EvaluationWarning.model_validate("Mind the {gap}.")
    assert (read.code, read.message, read.values) == ("other", "Mind the {gap}.", {})


def test_a_code_of_a_newer_version_keeps_its_message():
    newer = GIVEN.model_dump() | {"code": "of_tomorrow"}
    assert EvaluationWarning.model_validate(newer).code == "other"
    assert EvaluationWarning.model_validate(newer).message == "2 of 3."


def test_a_model_stored_with_sentences_is_still_a_model():
    stored = CATALOGUE.models["qwen3-8b"].spec.model_dump() | {"notes": ["Taken in bf16."]}
    (note,) = validated(ModelSpec, stored, "model").notes
    assert note.message == "Taken in bf16."
    with pytest.raises(InvalidInput, match="notes"):
        validated(ModelSpec, stored | {"notes": [5]}, "model")
