"""Dense decoders with a gate in their feed-forward parts, as Llama has."""

from collections.abc import Mapping

from llm_simulator.planner.specs.hugging_face.architecture import (
    BIAS,
    NO_BIAS,
    NO_WINDOW,
    TIED,
    UNTIED,
    Architecture,
)
from llm_simulator.planner.specs.hugging_face.attention_heads import (
    heads,
    heads_as_wide_as,
    heads_share_hidden,
    latent_heads,
)
from llm_simulator.planner.specs.hugging_face.body import body, feed_forward
from llm_simulator.planner.specs.hugging_face.gemma3n import (
    matformer_width,
    streams_and_layer_inputs,
)
from llm_simulator.planner.specs.hugging_face.gpt import (
    chatglm_groups,
    half_of_intermediate_size,
)
from llm_simulator.planner.specs.hugging_face.pangu import without_trained_sinks
from llm_simulator.planner.specs.hugging_face.windows import (
    full_attention_every,
    full_attention_first_of,
    plamo3_windows,
    window_from_layer,
    window_in_every_layer,
    window_of_no_layer,
    window_unused,
)
from llm_simulator.planner.specs.hugging_face.xverse import xverse_experts

_PLAIN = (body, heads_share_hidden, feed_forward)
_OF_ALL_HEADS = {"num_key_value_heads": None}
_QWEN_25_VL = Architecture(
    readers=(body, heads_share_hidden, feed_forward, window_from_layer),
    optional=BIAS | NO_WINDOW,
)
_TELECHAT_2 = Architecture(
    readers=_PLAIN,
    renamed={
        "n_layer": "num_hidden_layers",
        "n_head": "num_attention_heads",
        "ffn_hidden_size": "intermediate_size",
        "seq_length": "max_position_embeddings",
    },
    optional=NO_BIAS | UNTIED,
    defaults=_OF_ALL_HEADS,
    sizes=(3.0704, 7.6171, 35.434),
)

GATED: Mapping[str, Architecture] = {
    "apertus": Architecture(
        readers=_PLAIN, optional=NO_BIAS, fixed={"qk_norm": True, "mlp_gated": False}
    ),
    "arcee": Architecture(readers=(body, heads, feed_forward), fixed={"mlp_gated": False}),
    "aquila": Architecture(
        readers=_PLAIN, optional=NO_BIAS | UNTIED, defaults=_OF_ALL_HEADS, sizes=(7.2955,)
    ),
    "baichuan": Architecture(
        readers=_PLAIN,
        renamed={"model_max_length": "max_position_embeddings"},
        optional=NO_BIAS | UNTIED | _OF_ALL_HEADS,
    ),
    "chatglm": Architecture(
        readers=(body, heads, feed_forward, chatglm_groups),
        renamed={
            "num_layers": "num_hidden_layers",
            "ffn_hidden_size": "intermediate_size",
            "padded_vocab_size": "vocab_size",
            "kv_channels": "head_dim",
            "multi_query_group_num": "num_key_value_heads",
            "add_qkv_bias": "attention_bias",
            "seq_length": "max_position_embeddings",
        },
        optional=UNTIED,
    ),
    "cohere": Architecture(readers=_PLAIN, optional=NO_BIAS | TIED),
    "cohere2": Architecture(readers=(*_PLAIN, full_attention_every(4)), optional=NO_BIAS | TIED),
    "cwm": Architecture(
        readers=(body, heads, feed_forward, full_attention_every(4)), optional=NO_BIAS | UNTIED
    ),
    "ernie4_5": Architecture(
        readers=(body, heads, feed_forward),
        renamed={"use_bias": "attention_bias"},
        optional=TIED,
    ),
    "exaone": Architecture(
        readers=_PLAIN, renamed={"num_layers": "num_hidden_layers"}, optional=NO_BIAS
    ),
    "exaone4": Architecture(
        readers=(body, heads_as_wide_as(64, 128), feed_forward, full_attention_every(4)),
        fixed={"qk_norm": True},
        optional=NO_BIAS,
    ),
    "gemma": Architecture(readers=(body, heads, feed_forward), optional=NO_BIAS | TIED),
    "gemma2": Architecture(
        readers=(body, heads, feed_forward, full_attention_every(2)), optional=NO_BIAS | TIED
    ),
    "gemma3n_text": Architecture(
        readers=(
            body,
            heads,
            matformer_width,
            full_attention_every(5),
            streams_and_layer_inputs,
        ),
        fixed={"qk_norm": True},
        optional=NO_BIAS | TIED,
    ),
    "glm": Architecture(readers=(body, heads, feed_forward)),
    "glm4": Architecture(readers=(body, heads, feed_forward)),
    "glm4v_text": Architecture(readers=(body, heads, feed_forward)),
    "granite": Architecture(readers=_PLAIN, optional=NO_BIAS),
    "granite_swa": Architecture(
        readers=(*_PLAIN, full_attention_first_of(4)), optional=NO_BIAS | TIED
    ),
    "hunyuan_v1_dense": Architecture(
        readers=(body, heads_as_wide_as(64, 128), feed_forward), optional=NO_BIAS
    ),
    "hyperclovax": Architecture(
        readers=(body, heads_as_wide_as(64, 128), feed_forward), optional=NO_BIAS
    ),
    "iquestcoder": Architecture(readers=(body, heads, feed_forward), optional=NO_BIAS | UNTIED),
    "internlm": Architecture(
        readers=_PLAIN,
        renamed={"bias": "attention_bias"},
        optional=_OF_ALL_HEADS | UNTIED,
    ),
    "internlm2": Architecture(readers=_PLAIN, renamed={"bias": "attention_bias"}, optional=UNTIED),
    "internlm3": Architecture(
        readers=(body, heads, feed_forward), renamed={"qkv_bias": "attention_bias"}
    ),
    "mimo": Architecture(readers=(body, heads, feed_forward, window_unused), optional=NO_WINDOW),
    "minicpm": Architecture(readers=_PLAIN, optional=NO_BIAS | TIED),
    "minicpm3": Architecture(
        readers=(body, latent_heads, feed_forward),
        optional=NO_BIAS | TIED | _OF_ALL_HEADS | {"v_head_dim": None},
    ),
    "olmo": Architecture(readers=_PLAIN, optional=NO_BIAS),
    "olmo2": Architecture(readers=_PLAIN, optional=NO_BIAS, fixed={"qk_norm": True}),
    "olmo3": Architecture(
        readers=(*_PLAIN, full_attention_every(4)), optional=NO_BIAS, fixed={"qk_norm": True}
    ),
    "orion": Architecture(readers=_PLAIN, optional=NO_BIAS | UNTIED),
    "PanguEmbedded": Architecture(
        readers=(body, heads_as_wide_as(128), feed_forward, without_trained_sinks),
        renamed={"bias": "attention_bias"},
        optional=UNTIED,
    ),
    "phi3": Architecture(readers=(*_PLAIN, window_in_every_layer), optional=NO_BIAS),
    "plamo3": Architecture(
        readers=(body, heads, feed_forward, plamo3_windows),
        fixed={"qk_norm": True},
        renamed={"window_size": "sliding_window"},
        optional=NO_BIAS | TIED,
    ),
    "qwen": Architecture(
        readers=(body, heads, half_of_intermediate_size),
        renamed={"kv_channels": "head_dim", "seq_length": "max_position_embeddings"},
        optional=BIAS | _OF_ALL_HEADS,
    ),
    "qwen2_vl": _QWEN_25_VL,
    "qwen2_vl_text": _QWEN_25_VL,
    "qwen2_5_vl": _QWEN_25_VL,
    "qwen2_5_vl_text": _QWEN_25_VL,
    "seed_oss": Architecture(readers=(body, heads, feed_forward)),
    "solar": Architecture(
        readers=(body, heads_as_wide_as(128), feed_forward, window_of_no_layer),
        optional=NO_BIAS | UNTIED,
    ),
    "smollm3": Architecture(readers=(*_PLAIN, window_unused), optional=NO_BIAS | TIED | NO_WINDOW),
    "telechat": _TELECHAT_2,
    "telechat2": _TELECHAT_2,
    "telechat3": Architecture(
        readers=(body, heads_as_wide_as(128), feed_forward), optional=NO_BIAS | UNTIED
    ),
    "TeleFLM": Architecture(
        readers=_PLAIN, optional=NO_BIAS | UNTIED, defaults=_OF_ALL_HEADS, sizes=(52.818,)
    ),
    "vaultgemma": Architecture(
        readers=(body, heads, feed_forward, full_attention_every(2)), optional=NO_BIAS | TIED
    ),
    "youtu": Architecture(
        readers=(body, latent_heads, feed_forward),
        optional=NO_BIAS | TIED | _OF_ALL_HEADS,
    ),
    "stablelm": Architecture(readers=_PLAIN, renamed={"use_qkv_bias": "attention_bias"}),
    "stablelm_epoch": Architecture(
        readers=_PLAIN, renamed={"use_qkv_bias": "attention_bias"}, optional=NO_BIAS
    ),
    "xverse": Architecture(
        readers=(body, heads_share_hidden, xverse_experts),
        optional=NO_BIAS | UNTIED,
        defaults=_OF_ALL_HEADS,
        sizes=(7.2998, 13.718, 25.778, 66.409),
    ),
}
"""By ``model_type``; Apertus and Arcee have no gate, and all else of Llama."""
