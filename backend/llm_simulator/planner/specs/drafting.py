"""What drafts tokens for a model: a layer beside it, or a smaller model."""

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.formats import Formats, decided_formats
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.parameters import embedding_weights, parameter_count
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.planner.specs.workload import WorkloadSpec
from llm_simulator.units import GIGA


def prediction_layer(model: ModelSpec) -> ModelSpec:
    """A multi-token-prediction layer as a network of one layer with attention.

    It is a mixture where the model publishes one such layer beside its mixtures (DeepSeek-V3, GLM,
    Qwen), else dense: several layers (0.33 B each of MiMo-V2-Flash, vLLM 0.33, mimo_v2_mtp.py) and
    EAGLE heads (llama_eagle.py). Embedding and head are the model's own; see ``joining_weights``
    for what precedes it.

    References: DeepSeek-V3 technical report, arXiv 2412.19437, section 2.2; Li et al., EAGLE,
    arXiv 2401.15077.
    """
    published = model.num_nextn_predict_layers
    windows = min(model.num_sliding_window_layers, 1) if published > 1 else 0
    one = {
        "num_hidden_layers": 1,
        "first_k_dense_replace": 0,
        "interleave_moe_layer_step": 1,
        "num_sliding_window_layers": windows,
        "num_linear_attention_layers": 0,
        "num_attention_layers": None,
        "num_feed_forward_layers": None,
        "num_indexer_layers": None,
        "num_kv_shared_layers": 0,
        "hidden_size_per_layer_input": 0,
        "vocab_size_per_layer_input": 0,
        "position_embeddings": 0,
        "num_csa_layers": 0,
        "num_hca_layers": 0,
        "encoders": (),
    }
    if published != 1:
        one |= {"num_experts": 0, "intermediate_size": _dense_width(model)}
    return model.model_copy(update=one)


def _dense_width(model: ModelSpec) -> int:
    """Width of the model's dense layers; without any, of what a token visits in a mixture."""
    visited = model.num_experts_per_tok * model.moe_intermediate_size
    return model.intermediate_size or int(visited + model.shared_expert_width)


def prediction_layers(model: ModelSpec) -> int:
    """Layers that an engine holds to draft with method ``mtp``: as published, or an EAGLE head."""
    return max(model.num_nextn_predict_layers, 1)


def joining_weights(model: ModelSpec) -> float:
    """What joins hidden state and embedding ahead of a prediction layer, and three norms.

    In bf16 on every rank: neither vLLM 0.33 (deepseek_mtp.py) nor SGLang 0.5.23
    (deepseek_nextn.py) quantises or splits ``eh_proj``.
    """
    return 2.0 * model.hidden_size**2 + 3.0 * model.hidden_size


def prediction_layer_parameters(model: ModelSpec) -> float:
    """Weights of one prediction layer, without the tables that it shares with the model."""
    layer = prediction_layer(model)
    tables = 1 if model.tie_word_embeddings else 2
    shared = tables * embedding_weights(model) + model.hidden_size
    return float(parameter_count(layer) - shared + joining_weights(model))


def draft_formats(
    model: ModelSpec, chip: ChipSpec, workload: WorkloadSpec, formats: Formats
) -> Formats | None:
    """Formats of what drafts; None without speculation or for a draft model that isn't known.

    A draft model is taken as published, with the model's cache format. A published prediction
    layer is in the model's formats, but in bf16 beside nvfp4 experts (SGLang 0.5.23,
    deepseek_nextn.py, for ModelOpt's checkpoints), and an EAGLE head is a checkpoint in bf16.
    """
    drafting = workload.speculative
    if drafting is None:
        return None
    if drafting.method == "mtp":
        return Formats({}, formats.kv_cache) if _stays_in_bf16(model, formats) else formats
    if drafting.draft_model is None:
        return None
    names = ("weight_dtype", "attention_weight_dtype", "expert_weight_dtype")
    as_published = workload.model_copy(update=dict.fromkeys(names))
    own = decided_formats(drafting.draft_model, chip, as_published)
    return Formats(own.modules, formats.kv_cache)


def _stays_in_bf16(model: ModelSpec, formats: Formats) -> bool:
    experts = formats.of(Module.ROUTED_EXPERTS).weight
    return not model.num_nextn_predict_layers or experts is Dtype.NVFP4


def check_draft_model(model: ModelSpec, workload: WorkloadSpec) -> None:
    """Raises InvalidInput for a draft model whose experts no plan of the model spreads."""
    draft = workload.speculative.draft_model if workload.speculative else None
    if draft is not None and draft.num_experts and not model.num_experts:
        raise InvalidInput.at(
            "inference.speculative.draft_model",
            f"{draft.name} has experts, which plans of the dense {model.name} don't spread; "
            "name a dense model",
        )


def draft_warnings(
    model: ModelSpec, workload: WorkloadSpec, formats: Formats
) -> list[EvaluationWarning]:
    """A warning for each figure of what drafts that was assumed."""
    drafting = workload.speculative
    if drafting is None:
        return []
    if drafting.method == "mtp":
        return _layer_warnings(model, formats)
    draft = drafting.draft_model
    if draft is None:
        unnamed = EvaluationWarning.of(
            "draft_model_unnamed",
            "The draft model is not named: its weights and cache are taken as {share} of the "
            "model's (draft_cost); name it in inference.speculative.draft_model.",
            share=drafting.draft_cost or 0.0,
        )
        return [unnamed]
    if draft.vocab_size == model.vocab_size:
        return []
    differ = EvaluationWarning.of(
        "vocabularies_differ",
        "{draft} has {own} tokens in its vocabulary, {model} {tokens}: vLLM starts them together "
        "with use_heterogeneous_vocab only.",
        draft=draft.name,
        own=draft.vocab_size,
        model=model.name,
        tokens=model.vocab_size,
    )
    return [differ]


def _layer_warnings(model: ModelSpec, formats: Formats) -> list[EvaluationWarning]:
    billions = round(prediction_layer_parameters(model) / GIGA, 2)
    if not model.num_nextn_predict_layers:
        head = EvaluationWarning.of(
            "eagle_head_assumed",
            "{model} names no multi-token-prediction layer: tokens are drafted as by an EAGLE "
            "head, one more layer in bf16 ({billions} B parameters) with a cache of its own.",
            model=model.name,
            billions=billions,
        )
        return [head]
    if _stays_in_bf16(model, formats):
        layer = EvaluationWarning.of(
            "prediction_layer_in_bf16",
            "The multi-token-prediction layer ({billions} B parameters) stays in bf16 beside nvfp4 "
            "weights, as in published checkpoints.",
            billions=billions,
        )
        return [layer]
    return []
