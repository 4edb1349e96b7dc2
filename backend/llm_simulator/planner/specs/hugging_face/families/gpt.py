"""Dense decoders in the style of GPT: no gate, layer norms, some with a table of positions."""

from collections.abc import Mapping

from llm_simulator.planner.specs.hugging_face.architecture import (
    BIAS,
    MOSAIC_NAMES,
    NO_BIAS,
    TIED,
    UNTIED,
    Architecture,
)
from llm_simulator.planner.specs.hugging_face.attention_heads import (
    heads,
    heads_as_wide_as,
    heads_share_hidden,
    keys_of_every_head,
)
from llm_simulator.planner.specs.hugging_face.body import body
from llm_simulator.planner.specs.hugging_face.gpt import (
    falcon_heads,
    mpt_heads,
    mpt_width,
    multi_query,
    opt_positions,
    positions,
    up_and_down,
    up_and_down_four_times_wide,
)
from llm_simulator.planner.specs.hugging_face.jais import jais_feed_forward, jais_positions
from llm_simulator.planner.specs.hugging_face.windows import window_in_every_layer

_OF_ALL_HEADS = {"num_key_value_heads": None}
_FOUR_TIMES = {"intermediate_size": None}
_GPT_2_NAMES = {
    "n_embd": "hidden_size",
    "n_layer": "num_hidden_layers",
    "n_head": "num_attention_heads",
    "n_inner": "intermediate_size",
    "n_positions": "max_position_embeddings",
}
_BLOOM_NAMES = {
    "n_layer": "num_hidden_layers",
    "n_head": "num_attention_heads",
    "n_embed": "hidden_size",
}
_FALCON = Architecture(
    readers=(body, heads_share_hidden, up_and_down_four_times_wide, falcon_heads),
    renamed=_BLOOM_NAMES
    | {
        "n_head_kv": "num_kv_heads",
        "ffn_hidden_size": "intermediate_size",
        "bias": "attention_bias",
    },
    optional=TIED | _OF_ALL_HEADS | _FOUR_TIMES,
)

GPT: Mapping[str, Architecture] = {
    "bloom": Architecture(
        readers=(body, heads_share_hidden, up_and_down_four_times_wide),
        renamed=_BLOOM_NAMES | {"seq_length": "max_position_embeddings"},
        optional=BIAS | TIED | _OF_ALL_HEADS | _FOUR_TIMES,
    ),
    "falcon": _FALCON,
    "gpt2": Architecture(
        readers=(body, heads_share_hidden, up_and_down_four_times_wide, positions),
        renamed=_GPT_2_NAMES,
        optional=BIAS | TIED | _OF_ALL_HEADS | _FOUR_TIMES,
    ),
    "gpt_bigcode": Architecture(
        readers=(body, heads_share_hidden, up_and_down_four_times_wide, multi_query, positions),
        renamed=_GPT_2_NAMES,
        optional=BIAS | TIED | _OF_ALL_HEADS | _FOUR_TIMES,
    ),
    "gpt_neox": Architecture(
        readers=(body, heads_share_hidden, up_and_down),
        optional=BIAS | _OF_ALL_HEADS,
    ),
    "gptj": Architecture(
        readers=(body, heads_share_hidden, up_and_down_four_times_wide),
        renamed=_GPT_2_NAMES,
        optional=NO_BIAS | UNTIED | _OF_ALL_HEADS | _FOUR_TIMES,
    ),
    "jais": Architecture(
        readers=(body, heads_share_hidden, keys_of_every_head, jais_feed_forward, jais_positions),
        renamed=_GPT_2_NAMES,
        optional=BIAS | TIED | _OF_ALL_HEADS,
    ),
    "jais2": Architecture(
        readers=(body, heads_as_wide_as(128), up_and_down), optional=BIAS | UNTIED
    ),
    "mpt": Architecture(
        readers=(body, mpt_heads, mpt_width),
        renamed=MOSAIC_NAMES,
        optional=NO_BIAS | TIED | _OF_ALL_HEADS,
    ),
    "nemotron": Architecture(readers=(body, heads, up_and_down), optional=NO_BIAS),
    "opt": Architecture(
        readers=(body, heads_share_hidden, up_and_down, opt_positions),
        renamed={"ffn_dim": "intermediate_size"},
        optional=BIAS | TIED | _OF_ALL_HEADS | {"word_embed_proj_dim": None},
    ),
    "persimmon": Architecture(
        readers=(body, heads_share_hidden, keys_of_every_head, up_and_down),
        optional=BIAS | UNTIED | _OF_ALL_HEADS,
    ),
    "phi": Architecture(
        readers=(body, heads_share_hidden, up_and_down),
        optional=BIAS | UNTIED | _OF_ALL_HEADS,
    ),
    "starcoder2": Architecture(
        readers=(body, heads_share_hidden, up_and_down, window_in_every_layer),
        renamed={"use_bias": "attention_bias"},
        defaults=TIED,
        sizes=(3.03, 7.174),
    ),
}
"""By ``model_type``."""
