"""The neural network: its fields are its Hugging Face config keys."""

from dataclasses import dataclass, fields
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from llm_simulator.planner.specs.dtypes import CacheDtype, Dtype
from llm_simulator.planner.specs.encoder import EncoderSpec
from llm_simulator.planner.specs.modules import Module, WeightFormat
from llm_simulator.planner.specs.validation import NonNegativeInt, PositiveInt, Spec
from llm_simulator.planner.specs.warning import EvaluationWarning

Attention = Literal["gqa", "mla", "compressed"]
LinearAttentionKind = Literal[
    "gated_delta_net", "kimi_delta", "lightning", "mamba1", "mamba2", "short_convolution"
]
LARGEST_LAYER_COUNT = 10_000
"""Layers are gone through one by one where a config lists them; no network has a tenth of these."""
_INDEXER = ("index_topk", "index_n_heads", "index_head_dim")


class ModelSpec(Spec):
    """A decoder-only transformer: its attention, dense or with experts, and published formats."""

    name: str = Field(min_length=1, max_length=200)
    architecture: str | None = Field(None, min_length=1, max_length=100)
    """The ``model_type`` of its config, by which engines know what they load; moves no figure."""
    hidden_size: PositiveInt
    num_hidden_layers: int = Field(gt=0, le=LARGEST_LAYER_COUNT, strict=True)
    vocab_size: PositiveInt
    num_attention_heads: PositiveInt
    num_key_value_heads: PositiveInt
    head_dim: PositiveInt
    intermediate_size: NonNegativeInt = 0
    """Width of the dense feed-forward layers; 0 when every layer is a mixture of experts."""
    mlp_gated: bool = True
    """Whether feed-forward parts have a gate beside up and down (GPT-style ones have not)."""
    use_double_wide_mlp: bool = False
    """Whether layers without keys of their own have feed-forward parts twice as wide (Gemma 4)."""
    hidden_size_per_layer_input: NonNegativeInt = 0
    """Width of what a table adds to each layer for each token (Gemma 4 E2B and E4B)."""
    vocab_size_per_layer_input: NonNegativeInt = 0
    """Rows of that table."""
    laurel_rank: NonNegativeInt = 0
    """Width of a narrow path beside each layer's attention (Gemma 3n)."""
    num_stream_projections: NonNegativeInt = 0
    """Square matrices that make further residual streams of the embedding, and one of all of them
    before the head (AltUp of Gemma 3n)."""
    position_embeddings: NonNegativeInt = 0
    """Rows of a learned table of positions (GPT-2, OPT); 0 where positions are rotary."""
    tie_word_embeddings: bool = False
    attention_bias: bool = False
    qk_norm: bool = False
    sliding_window: PositiveInt | None = None
    num_sliding_window_layers: NonNegativeInt = 0
    swa_num_attention_heads: PositiveInt | None = None
    """Query heads of layers with a window, where they differ (Step-3.5-Flash)."""
    swa_num_key_value_heads: PositiveInt | None = None
    """Key-value heads of layers with a window, where they differ (MiMo-V2-Flash, Gemma 4)."""
    swa_head_dim: PositiveInt | None = None
    """Width of a head of layers with a window, where it differs."""
    num_kv_shared_layers: NonNegativeInt = 0
    """Last layers that attend to the cache of an earlier one and have no keys of their own."""
    attention_k_eq_v: bool = False
    """Whether values are projected together with keys in layers without a window (Gemma 4)."""
    attn_output_gate: bool = False
    """Whether each query head has a gate on its output (Qwen3-Next, Trinity, Kimi K3)."""

    kv_lora_rank: PositiveInt | None = None
    """Width of the latent that the cache holds; given for multi-head latent attention (MLA)."""
    q_lora_rank: PositiveInt | None = None
    """Width that queries are projected to before their heads (latent attention, Step-3)."""
    qk_nope_head_dim: PositiveInt | None = None
    qk_rope_head_dim: PositiveInt | None = None
    v_head_dim: PositiveInt | None = None
    """Width of a value head; left out without latent attention, that of keys."""

    index_topk: PositiveInt | None = None
    """Tokens that a query attends to at most; given for DeepSeek sparse attention."""
    index_n_heads: PositiveInt | None = None
    index_head_dim: PositiveInt | None = None
    index_block_size: PositiveInt = 1
    """Tokens that are picked together; above 1 for grouped-query attention (MiniMax M3)."""
    num_indexer_layers: PositiveInt | None = None
    """Layers with an indexer of their own, where others take over its choice (GLM-5.2) or, without
    latent attention, attend to all tokens (MiniMax M3)."""

    num_csa_layers: NonNegativeInt = 0
    """Layers that keep an entry of every ``compress_rate_csa`` tokens and pick of them (V4)."""
    num_hca_layers: NonNegativeInt = 0
    """Layers that keep an entry of every ``compress_rate_hca`` tokens and attend to all (V4)."""
    compress_rate_csa: PositiveInt | None = None
    """Given for attention over compressed context, where one key serves all heads."""
    compress_rate_hca: PositiveInt | None = None
    o_groups: PositiveInt | None = None
    """Groups of heads whose outputs are projected to ``o_lora_rank`` before the layer's width."""
    o_lora_rank: PositiveInt | None = None
    hc_mult: PositiveInt = 1
    """Residual streams (hyper-connections of DeepSeek V4, AltUp of Gemma 3n)."""

    num_attention_layers: NonNegativeInt | None = None
    """Layers with softmax attention, where they are not all that have no state: layers may be a
    feed-forward part alone (Nemotron-H), or have both side by side (Falcon-H1)."""
    num_feed_forward_layers: NonNegativeInt | None = None
    """Layers with a feed-forward part, where that are not all."""

    num_linear_attention_layers: NonNegativeInt = 0
    """Layers with a state of constant size instead of a cache."""
    linear_attention_kind: LinearAttentionKind = "gated_delta_net"
    """What updates the state; for Mamba, keys are its groups and values its heads."""
    linear_num_key_heads: PositiveInt | None = None
    linear_num_value_heads: PositiveInt | None = None
    linear_key_head_dim: PositiveInt | None = None
    linear_value_head_dim: PositiveInt | None = None
    linear_conv_kernel_dim: PositiveInt | None = None
    linear_low_rank: PositiveInt | None = None
    """Inner width of its narrow projections: time steps of Mamba-1, gates of Kimi's delta."""
    linear_full_rank_gate: bool = False
    """Whether Kimi's delta has an output gate of full width, without a bottleneck (Kimi K3)."""
    mamba_ssm_dtype: Literal["float32", "bfloat16"] = "float32"
    """Format the state is kept in."""

    num_experts: NonNegativeInt = 0
    num_experts_per_tok: NonNegativeInt = 0
    moe_intermediate_size: NonNegativeInt = 0
    n_group: PositiveInt = 1
    """Groups that the experts lie in, one after the other."""
    topk_group: PositiveInt = 1
    """Groups that a token chooses all its experts from."""
    moe_latent_size: PositiveInt | None = None
    """Width that tokens are projected to before they visit experts (Nemotron 3 Super)."""
    n_shared_experts: NonNegativeInt = 0
    """Shared experts as wide as routed ones."""
    shared_expert_intermediate_size: NonNegativeInt = 0
    """Width of one shared expert where the config states it instead of ``n_shared_experts``."""
    first_k_dense_replace: NonNegativeInt = 0
    """Dense layers before the mixtures, or anywhere between them: the count is what matters."""
    interleave_moe_layer_step: PositiveInt = 1
    """After the first dense layers, every how manyth one is a mixture (Llama 4 Maverick: 2)."""
    num_nextn_predict_layers: NonNegativeInt = 0
    """Multi-token-prediction layers published beside the network, no part of its parameters."""

    weight_dtype: Dtype = Dtype.BF16
    """Format the weights are published in."""
    expert_weight_dtype: Dtype | None = None
    """Format of the routed experts where it differs from the rest."""
    weight_group_size: PositiveInt | None = None
    """Published weights that share a scale, where that differs from what the format defines."""
    module_formats: dict[Module, WeightFormat] = Field(default_factory=dict)
    """Modules published otherwise than these say; the head is in bf16 unless it is among them."""
    embedding_bytes: float | None = Field(None, gt=0, le=4)
    """Bytes of one weight of the token embedding, scales included, where it is not in bf16: files
    of llama.cpp quantise it."""
    kv_cache_dtype: CacheDtype | None = None
    """Format of the cache that the checkpoint brings scales for."""
    max_position_embeddings: PositiveInt | None = None
    notes: tuple[EvaluationWarning, ...] = ()
    """What was assumed when it was read from a published file."""
    encoders: tuple[EncoderSpec, ...] = ()
    """Towers that turn images and sounds into tokens of the prompt; at most one of each kind."""

    @property
    def attention(self) -> Attention:
        """Kind of attention: ``gqa`` caches keys and values, ``mla`` a latent of both, and
        ``compressed`` few of them for many tokens."""
        if self.compress_rate_csa is not None:
            return "compressed"
        return "gqa" if self.kv_lora_rank is None else "mla"

    def published_format(self, module: Module) -> WeightFormat:
        """How the weights of a module are published."""
        if module in self.module_formats:
            return self.module_formats[module]
        dtype = self.weight_dtype
        if module is Module.HEAD:
            dtype = Dtype.BF16
        elif module is Module.ROUTED_EXPERTS:
            dtype = self.expert_weight_dtype or self.weight_dtype
        return WeightFormat(dtype=dtype, group_size=self.weight_group_size)

    @property
    def modules(self) -> tuple[Module, ...]:
        """The modules it has."""
        has = {
            Module.ATTENTION: self.num_softmax_layers > 0,
            Module.LINEAR_ATTENTION: self.num_linear_attention_layers > 0,
            Module.DENSE_MLP: self.num_dense_layers > 0,
            Module.SHARED_EXPERT: self.num_experts > 0 and self.shared_expert_width > 0,
            Module.ROUTED_EXPERTS: self.num_experts > 0,
            Module.HEAD: True,
        }
        return tuple(module for module in Module if has[module])

    @property
    def value_head_dim(self) -> int:
        """Width of one value of softmax attention without a latent."""
        return self.v_head_dim or self.head_dim

    @property
    def windows_have_own_heads(self) -> bool:
        """Whether attention differs between layers with and without a window."""
        own = self.swa_num_attention_heads or self.swa_num_key_value_heads or self.swa_head_dim
        differ = own is not None or self.attention_k_eq_v
        return self.num_sliding_window_layers > 0 and differ

    @property
    def own_cache_share(self) -> float:
        """Share of the layers that have keys and values of their own."""
        return 1 - self.num_kv_shared_layers / self.num_hidden_layers

    @property
    def mean_intermediate_size(self) -> float:
        """Width of a dense feed-forward part in the mean over the layers."""
        wider = 1 - self.own_cache_share if self.use_double_wide_mlp else 0.0
        return self.intermediate_size * (1 + wider)

    @property
    def up_matrices(self) -> int:
        """Matrices that a feed-forward part's input passes: gate and up, or up alone."""
        return 2 if self.mlp_gated else 1

    @property
    def shared_expert_width(self) -> int:
        """Width of all shared experts of a mixture layer together."""
        of_routed_width = self.n_shared_experts * self.moe_intermediate_size
        return of_routed_width + self.shared_expert_intermediate_size

    @property
    def num_softmax_layers(self) -> int:
        """Layers that attend to cached tokens."""
        if self.num_attention_layers is not None:
            return self.num_attention_layers
        return self.num_hidden_layers - self.num_linear_attention_layers

    @property
    def num_fed_forward_layers(self) -> int:
        """Layers with a feed-forward part, dense or a mixture."""
        given = self.num_feed_forward_layers
        return self.num_hidden_layers if given is None else given

    @property
    def parts_per_layer(self) -> float:
        """Attention, state or feed-forward part in a layer, each with its norm: a mean; most 2."""
        mixers = self.num_softmax_layers + self.num_linear_attention_layers
        return (mixers + self.num_fed_forward_layers) / self.num_hidden_layers

    @property
    def expert_input_size(self) -> int:
        """Width of what a routed expert takes in and gives out."""
        return self.moe_latent_size or self.hidden_size

    @property
    def num_moe_layers(self) -> int:
        """Layers whose feed-forward part is a mixture of experts."""
        after_dense = self.num_fed_forward_layers - self.first_k_dense_replace
        return after_dense // self.interleave_moe_layer_step if self.num_experts else 0

    @property
    def num_dense_layers(self) -> int:
        """Layers with one dense feed-forward part."""
        return self.num_fed_forward_layers - self.num_moe_layers

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.num_attention_heads % self.num_key_value_heads:
            raise ValueError(
                f"num_attention_heads {self.num_attention_heads} is not a multiple of "
                f"num_key_value_heads {self.num_key_value_heads}"
            )
        if self.first_k_dense_replace > self.num_fed_forward_layers:
            raise ValueError("first_k_dense_replace is larger than num_hidden_layers")
        for name in ("num_attention_layers", "num_feed_forward_layers"):
            if (getattr(self, name) or 0) > self.num_hidden_layers:
                raise ValueError(f"{name} is larger than num_hidden_layers")
        if self.num_dense_layers and not self.intermediate_size:
            raise ValueError("intermediate_size is needed: the model has dense layers")
        if self.num_kv_shared_layers >= self.num_hidden_layers:
            raise ValueError("num_kv_shared_layers is not less than num_hidden_layers")
        if self.num_sliding_window_layers > self.num_hidden_layers:
            raise ValueError("num_sliding_window_layers is larger than num_hidden_layers")
        if self.num_sliding_window_layers and self.sliding_window is None:
            raise ValueError("sliding_window is needed: num_sliding_window_layers is given")
        self._check_latent_attention()
        self._check_sparse_attention()
        self._check_compressed_attention()
        self._check_linear_attention()
        self._check_experts()
        kinds = [encoder.kind for encoder in self.encoders]
        if len(set(kinds)) < len(kinds):
            raise ValueError(f"encoders has more than one of kind {kinds[0]}; keep one")
        return self

    def _check_latent_attention(self) -> None:
        parts = ("qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")
        missing = [name for name in parts if getattr(self, name) is None]
        if self.attention == "mla" and missing:
            raise ValueError(f"{', '.join(missing)} needed beside kv_lora_rank (latent attention)")

    def _check_sparse_attention(self) -> None:
        given = [name for name in _INDEXER if getattr(self, name) is not None]
        if not given:
            return
        missing = [name for name in _INDEXER if name not in given]
        if missing:
            raise ValueError(f"{', '.join(missing)} needed beside {given[0]} (sparse attention)")
        if (self.num_indexer_layers or 1) > self.num_hidden_layers:
            raise ValueError("num_indexer_layers is larger than num_hidden_layers")
        if self.attention == "gqa" and self.index_block_size > 1:
            return
        if self.attention == "gqa" or self.q_lora_rank is None:
            raise ValueError(f"kv_lora_rank and q_lora_rank needed beside {given[0]}")

    def _check_compressed_attention(self) -> None:
        if self.attention != "compressed":
            return
        names = ("compress_rate_hca", "sliding_window", "o_groups", "o_lora_rank", "index_topk")
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise ValueError(f"{', '.join(missing)} needed beside compress_rate_csa")
        if self.num_csa_layers + self.num_hca_layers > self.num_hidden_layers:
            raise ValueError("num_csa_layers and num_hca_layers are more than num_hidden_layers")

    def _check_linear_attention(self) -> None:
        if not self.num_linear_attention_layers:
            return
        with_one_mixer = self.num_linear_attention_layers + self.num_sliding_window_layers
        most = self.num_linear_attention_layers if self.num_attention_layers else with_one_mixer
        if most > self.num_hidden_layers:
            raise ValueError("num_linear_attention_layers is larger than num_hidden_layers")
        missing = [
            name for name, value in _dimensions(self, LinearAttention).items() if value is None
        ]
        if missing:
            raise ValueError(f"{', '.join(missing)} needed beside num_linear_attention_layers")
        narrow = {"mamba1": True, "kimi_delta": True}.get(self.linear_attention_kind, False)
        if narrow and self.linear_low_rank is None:
            raise ValueError(f"linear_low_rank is needed for {self.linear_attention_kind}")
        linear = linear_attention(self)
        if linear.linear_num_value_heads % linear.linear_num_key_heads:
            raise ValueError(
                f"linear_num_value_heads {linear.linear_num_value_heads} is not a multiple of "
                f"linear_num_key_heads {linear.linear_num_key_heads}"
            )

    def _check_experts(self) -> None:
        if not self.num_experts:
            return
        if self.n_shared_experts and self.shared_expert_intermediate_size:
            raise ValueError(
                "n_shared_experts and shared_expert_intermediate_size are given both; keep one"
            )
        if not self.moe_intermediate_size:
            raise ValueError("moe_intermediate_size is needed beside num_experts")
        if not 0 < self.num_experts_per_tok <= self.num_experts:
            raise ValueError(
                f"num_experts_per_tok {self.num_experts_per_tok} is not 1 to {self.num_experts}"
            )
        if self.num_experts % self.n_group or self.topk_group > self.n_group:
            raise ValueError(
                f"n_group {self.n_group} must divide num_experts {self.num_experts} and be at "
                f"least topk_group {self.topk_group}"
            )


def encoder_of(model: ModelSpec, kind: str) -> EncoderSpec | None:
    """The model's encoder for "vision" or "audio"; None where it has none."""
    return next((encoder for encoder in model.encoders if encoder.kind == kind), None)


def index_query_inner(model: ModelSpec) -> int:
    """Width that index queries are projected from: the query latent where there is one."""
    return model.q_lora_rank or model.hidden_size


def in_windows(model: ModelSpec) -> ModelSpec:
    """The model as its layers with a window have it: their own heads, keys apart from values."""
    own = {
        "num_attention_heads": model.swa_num_attention_heads or model.num_attention_heads,
        "num_key_value_heads": model.swa_num_key_value_heads or model.num_key_value_heads,
        "head_dim": model.swa_head_dim or model.head_dim,
        "v_head_dim": model.v_head_dim if model.swa_head_dim is None else None,
        "attention_k_eq_v": False,
    }
    return model.model_copy(update=own)


@dataclass(frozen=True)
class LatentAttention:
    """The dimensions of multi-head latent attention, all present."""

    q_lora_rank: int | None
    kv_lora_rank: int
    qk_nope_head_dim: int
    qk_rope_head_dim: int
    v_head_dim: int

    @property
    def cache_width(self) -> int:
        """Elements cached per token and layer: the latent and the shared rotary key."""
        return self.kv_lora_rank + self.qk_rope_head_dim

    @property
    def qk_head_dim(self) -> int:
        """Width of one query or key head before absorption."""
        return self.qk_nope_head_dim + self.qk_rope_head_dim

    def query_inner(self, hidden_size: int) -> int:
        """Width the query projection starts from: the query latent where there is one."""
        return self.q_lora_rank or hidden_size


def latent_attention(model: ModelSpec) -> LatentAttention:
    """The latent-attention dimensions of a model whose ``attention`` is ``mla``."""
    return LatentAttention(**_dimensions(model, LatentAttention))


@dataclass(frozen=True)
class SparseAttention:
    """The dimensions of the indexer of sparse attention, all present.

    DeepSeek's picks tokens, with a learned weight per head; MiniMax's picks blocks by their best
    token.
    """

    index_topk: int
    index_n_heads: int
    index_head_dim: int
    index_block_size: int = 1
    share: float = 1.0
    """Share of the layers that have an indexer."""

    @property
    def width(self) -> int:
        """Elements of all index queries of one token."""
        return self.index_n_heads * self.index_head_dim

    @property
    def picks_blocks(self) -> bool:
        """Whether blocks are picked: keys are kept in bf16 and heads have no weights."""
        return self.index_block_size > 1

    @property
    def narrow_columns(self) -> int:
        """Columns of the product that makes the index key, and the weights of heads."""
        return self.index_head_dim + (0 if self.picks_blocks else self.index_n_heads)


def sparse_attention(model: ModelSpec) -> SparseAttention | None:
    """The indexer's dimensions; None where every query attends to its whole context."""
    if model.index_topk is None:
        return None
    given = {name: getattr(model, name) for name in (*_INDEXER, "index_block_size")}
    own = model.num_indexer_layers or model.num_hidden_layers
    return SparseAttention(**given, share=own / model.num_hidden_layers)


@dataclass(frozen=True)
class LinearAttention:
    """The dimensions of a layer with a state, all present."""

    linear_num_key_heads: int
    linear_num_value_heads: int
    linear_key_head_dim: int
    linear_value_head_dim: int
    linear_conv_kernel_dim: int


def linear_attention(model: ModelSpec) -> LinearAttention:
    """The linear-attention dimensions of a model with ``num_linear_attention_layers``."""
    return LinearAttention(**_dimensions(model, LinearAttention))


def _dimensions(model: ModelSpec, kind: type) -> dict[str, Any]:
    """The model's fields that a ``kind`` of attention consists of: all there, the model's own
    checks say so."""
    return {field.name: getattr(model, field.name) for field in fields(kind)}
