"""What drafts tokens: its size against published figures, and what is said of it."""

import pytest

from llm_simulator.planner.specs.drafting import prediction_layer_parameters
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.parameters import embedding_weights, parameter_count
from tests.deployments import CATALOGUE, read
from tests.planner.specs.test_hugging_face import DEEPSEEK_V32, QWEN3_NEXT


@pytest.mark.parametrize(
    ("model", "billions"),
    [
        # deepseek-ai/DeepSeek-V3, README_WEIGHTS.md: 11.5B unique parameters.
        ("deepseek-v3", 11.5),
        # Its card: 0.33B per layer.
        ("mimo-v2-flash", 0.33),
        # Its card counts 27.78B with the module and 27.36B without.
        ("qwen3.5-27b", 0.42),
        # EAGLE heads as listed by SafeAILab/EAGLE: 0.99B and 0.25B.
        ("llama-3.1-70b", 0.99),
        ("llama-3.1-8b", 0.25),
    ],
)
def test_a_prediction_layer_is_as_large_as_published(model, billions):
    size = prediction_layer_parameters(CATALOGUE.models[model].spec)
    assert size == pytest.approx(billions * 1e9, rel=0.02)


def test_deepseek_v3_with_its_layer_and_both_tables_again_is_the_published_file():
    """671.0 B + 11.6 B + 2 x 0.93 B; its files hold 684.53 B, 0.04 B of them scales of fp8."""
    model = CATALOGUE.models["deepseek-v3"].spec
    tables = 2 * embedding_weights(model)
    stored = parameter_count(model) + prediction_layer_parameters(model) + tables
    assert stored == pytest.approx(684.49e9, rel=1e-5)


def test_a_config_says_how_many_prediction_layers_it_has():
    assert model_from_config(DEEPSEEK_V32).num_nextn_predict_layers == 1
    without = DEEPSEEK_V32 | {"num_nextn_predict_layers": 0}
    assert model_from_config(without).num_nextn_predict_layers == 0
    # Nothing in the config: engines know it by the family.
    assert model_from_config(QWEN3_NEXT).num_nextn_predict_layers == 1


def warnings(model, **load):
    drafts = {"draft_tokens": 3, "acceptance_rate": 0.7} | load.pop("speculative", {})
    inference = {"batch_size": 8, "input_seq_length": 1024, "output_seq_length": 1024}
    inference |= load | {"speculative": drafts}
    body = {"model": model, "hardware": "b200-sxm", "topology": "server-8"}
    return [str(told) for told in read(body | {"inference": inference}).warnings()]


def test_a_published_layer_in_the_formats_of_the_model_needs_no_word():
    assert warnings("deepseek-v3") == []


def test_a_layer_that_stays_in_bf16_is_told():
    (told,) = (line for line in warnings("deepseek-v3", weight_dtype="nvfp4") if "layer" in line)
    assert "(11.61 B parameters) stays in bf16" in told


def test_an_eagle_head_in_place_of_a_published_layer_is_told_with_its_size():
    (told,) = warnings("llama-3.1-70b")
    assert "EAGLE head, one more layer in bf16 (0.99 B parameters)" in told


def test_a_draft_model_without_a_name_is_told():
    share = {"method": "draft_model", "draft_cost": 0.1}
    (told,) = warnings("llama-3.1-70b", speculative=share)
    assert "taken as 0.1 of the model's" in told
    named = {"method": "draft_model", "draft_model": "llama-3.1-8b"}
    assert warnings("llama-3.1-70b", speculative=named) == []


def test_vocabularies_that_differ_are_told():
    named = {"method": "draft_model", "draft_model": "llama-3.1-8b"}
    (told,) = warnings("qwen3-32b", speculative=named)
    assert "llama-3.1-8b has 128256 tokens in its vocabulary, qwen3-32b 151936" in told
