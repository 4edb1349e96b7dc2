"""Models as GGUF files state them: sizes, windows, the bytes of each module, and refusals."""

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.costs.memory import resident_memory
from llm_simulator.planner.specs.gguf import model_from_gguf
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.parameters import parameter_count
from tests.deployments import catalogued, plan
from tests.gguf_files import all_in, dense, q4_k_m, tensor, tensors
from tests.published import published

LLAMA = published("Meta-Llama-3.1-8B")
METADATA = dense("llama", LLAMA)
ROTARY = tensor("rope_freqs.weight", (64,), "F32")
QK_NORMS = ("attn_q_norm", "attn_k_norm")


def qwen3_moe():
    config = published("Qwen3-30B-A3B")
    more = {
        "expert_count": config["num_experts"],
        "expert_used_count": config["num_experts_per_tok"],
        "expert_feed_forward_length": config["moe_intermediate_size"],
    }
    return config, dense("qwen3moe", config, **more)


def test_a_llama_in_q4_k_m_has_the_bytes_of_the_published_file():
    """bartowski/Meta-Llama-3.1-8B-Instruct-GGUF: Q4_K_M has 4.92 GB."""
    listed = tensors(METADATA, LLAMA["vocab_size"], q4_k_m, beside=[ROTARY])
    assert sum(each.bytes for each in listed) == pytest.approx(4.92e9, rel=0.002)
    model = model_from_gguf(METADATA, listed)
    assert parameter_count(model) == parameter_count(model_from_config(LLAMA))
    assert (model.name, model.max_position_embeddings) == ("Converted", 131072)
    attention = model.published_format(Module.ATTENTION)
    assert (attention.dtype, attention.group_size) == ("int4", 256)
    # Values are 1 in 10 of attention's weights, and half of them are in Q6_K.
    assert attention.weight_bytes == pytest.approx(0.5625 + 0.05 * (0.8203 - 0.5625), rel=1e-3)
    assert model.published_format(Module.HEAD).weight_bytes == pytest.approx(210 / 256)


def test_the_embedding_counts_in_its_own_format():
    listed = tensors(METADATA, LLAMA["vocab_size"], q4_k_m, beside=[ROTARY])
    model = model_from_gguf(METADATA, listed)
    assert (model.embedding_bytes, model.notes) == (144 / 256, ())
    deployed = catalogued("llama-3.1-8b", model_changes=dict(model))
    weights = float(resident_memory(deployed, plan()).weights[0])
    assert weights == pytest.approx(sum(each.bytes for each in listed), rel=1e-3)
    wide = model_from_gguf(METADATA, tensors(METADATA, 128256, all_in("F16")))
    assert wide.embedding_bytes is None


@pytest.mark.parametrize(
    ("kind", "dtype", "size"),
    [
        ("F16", "bf16", 2.0),
        ("Q8_0", "int8", 34 / 32),
        ("Q6_K", "int6", 210 / 256),
        ("Q5_K", "int5", 176 / 256),
        ("Q4_0", "int4", 18 / 32),
    ],
)
def test_each_type_has_its_bytes(kind, dtype, size):
    model = model_from_gguf(METADATA, tensors(METADATA, 128256, all_in(kind)))
    stored = model.published_format(Module.DENSE_MLP)
    assert (stored.dtype, stored.weight_bytes) == (dtype, size)
    assert stored.activation_dtype in (None, "bf16")


@pytest.mark.parametrize("kind", ["IQ4_XS", "Q2_K"])
def test_codebooks_and_two_bits_are_refused(kind):
    with pytest.raises(InvalidInput, match=f"is {kind}, which is not costed; known: F16"):
        model_from_gguf(METADATA, tensors(METADATA, 128256, all_in(kind)))


def test_experts_are_counted_and_those_of_a_llama_are_a_mixtral():
    config, metadata = qwen3_moe()
    listed = tensors(metadata, config["vocab_size"], q4_k_m, vectors=(*QK_NORMS, "ffn_norm"))
    model = model_from_gguf(metadata, listed)
    assert parameter_count(model) == parameter_count(model_from_config(config))
    assert model.published_format(Module.ROUTED_EXPERTS).dtype == "int4"
    # Qwen/Qwen3-30B-A3B-GGUF: Q4_K_M has 18.6 GB.
    assert sum(each.bytes for each in listed) == pytest.approx(18.6e9, rel=0.01)

    config = published("Mixtral-8x7B-v0.1")
    metadata = dense("llama", config, expert_count=8, expert_used_count=2)
    model = model_from_gguf(metadata, tensors(metadata, config["vocab_size"], all_in("Q8_0")))
    assert (model.num_experts, model.num_experts_per_tok) == (8, 2)
    assert parameter_count(model) == parameter_count(model_from_config(config))


def test_a_window_is_read_by_the_familys_pattern_or_the_files():
    config = published("gemma-2-9b")
    metadata = dense("gemma2", config, **{"attention.sliding_window": 4096})
    norms = ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
    listed = tensors(metadata, config["vocab_size"], all_in("Q8_0"), tied=True, vectors=norms)
    model = model_from_gguf(metadata, listed)
    whole = model_from_config(config)
    assert model.num_sliding_window_layers == whole.num_sliding_window_layers == 21
    assert model.tie_word_embeddings
    pattern = {"gemma2.attention.sliding_window_pattern": [True, True, False] * 14}
    assert model_from_gguf(metadata | pattern, listed).num_sliding_window_layers == 28


def test_a_window_without_a_place_is_refused():
    metadata = METADATA | {"llama.attention.sliding_window": 4096}
    with pytest.raises(InvalidInput, match="sliding_window: is not read of a 'llama' model"):
        model_from_gguf(metadata, tensors(metadata, 128256, all_in("F16")))


def test_latent_attention_is_read_from_later_and_from_older_files():
    config = published("DeepSeek-V3")
    ranks = {
        "attention.kv_lora_rank": 512,
        "attention.q_lora_rank": 1536,
        "rope.dimension_count": 64,
        "expert_count": 256,
        "expert_used_count": 8,
        "expert_shared_count": 1,
        "expert_feed_forward_length": 2048,
        "leading_dense_block_count": 3,
    }
    later = {"attention.key_length_mla": 192, "attention.value_length_mla": 128}
    later |= {"attention.key_length": 576, "attention.head_count_kv": 1}
    older = {"attention.key_length": 192, "attention.value_length": 128}
    whole = model_from_config(config)
    for written in (later, older):
        metadata = dense("deepseek2", config, **ranks | written)
        # One table that holds what is not the two of the vocabulary.
        vocab, hidden = config["vocab_size"], config["hidden_size"]
        rest = int(parameter_count(whole)) - 2 * vocab * hidden
        listed = [
            tensor("token_embd.weight", (hidden, vocab), "Q8_0"),
            tensor("output.weight", (hidden, vocab), "Q8_0"),
            tensor("blk.0.attn_q_a.weight", (hidden, rest // hidden), "Q8_0"),
        ]
        model = model_from_gguf(metadata, listed)
        sizes = ("kv_lora_rank", "qk_nope_head_dim", "v_head_dim", "num_experts")
        assert [getattr(model, name) for name in sizes] == [getattr(whole, name) for name in sizes]
        assert parameter_count(model) == parameter_count(whole)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"llama.block_count": 31}, "tensors hold 8.03 billion weights, but"),
        ({"llama.block_count": 0}, "llama.block_count must be a positive whole number, not 0"),
        ({"llama.attention.head_count": None}, "head_count must be a positive whole number"),
        ({"llama.attention.head_count_kv": [8] * 31 + [4]}, "differs between layers"),
        ({"llama.feed_forward_length": 14336 * 2}, "hold 8.03 billion weights, but 'llama' of"),
        ({"general.architecture": "clip"}, "'clip' is none that Tier6 reads from GGUF"),
        ({"llama.expert_count": 8, "llama.expert_used_count": 2}, "of its sizes has 47.49"),
    ],
)
def test_what_does_not_add_up_is_refused(changed, sentence):
    listed = tensors(METADATA, LLAMA["vocab_size"], all_in("Q8_0"), beside=[ROTARY])
    with pytest.raises(InvalidInput, match=sentence):
        model_from_gguf(METADATA | changed, listed)


def test_layers_that_predict_further_tokens_are_left_out():
    config = published("GLM-4.5-Air")
    more = {
        "expert_count": 128,
        "expert_used_count": 8,
        "expert_shared_count": 1,
        "expert_feed_forward_length": config["moe_intermediate_size"],
        "leading_dense_block_count": 1,
        "nextn_predict_layers": 1,
    }
    metadata = dense("glm4moe", config, **more)
    metadata["glm4moe.block_count"] += 1
    whole, hidden = model_from_config(config), config["hidden_size"]
    table = tensor("token_embd.weight", (hidden, config["vocab_size"]), "Q8_0")
    rest = int(parameter_count(whole)) - 2 * table.weights
    listed = [
        table,
        table._replace(name="output.weight"),
        tensor("blk.45.attn_output.weight", (hidden, rest // hidden), "Q8_0"),
        tensor("blk.0.attn_q.bias", (hidden,), "F32"),
    ]
    assert not config["use_qk_norm"]
    predicting = tensor("blk.46.attn_output.weight", (hidden, hidden), "Q8_0")
    model = model_from_gguf(metadata, [*listed, predicting])
    assert model.num_hidden_layers == config["num_hidden_layers"] == 46
    assert parameter_count(model) == parameter_count(whole)


def test_values_that_layers_have_alike_may_be_listed():
    listed = tensors(METADATA, LLAMA["vocab_size"], all_in("Q8_0"))
    alike = METADATA | {"llama.attention.head_count_kv": [8] * 32}
    assert model_from_gguf(alike, listed) == model_from_gguf(METADATA, listed)
