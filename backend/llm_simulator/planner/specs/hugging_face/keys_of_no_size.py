"""Keys of published configs that change neither a size nor a time that is computed.

They are those of the transformers library's configuration classes (5.24) and of published configs
whose code stands beside their weights, by what they are. A key that moves a size in some
architecture doesn't belong here: its reader asks for it, or passes it over by name.
"""

import re
from collections.abc import Mapping

# fmt: off
_NAMES: Mapping[str, tuple[str, ...]] = {
    "names and versions": (
        "architectures", "auto_map", "dtype", "id2label", "label2id", "label_names", "model_type",
        "num_classes", "num_labels", "problem_type", "return_dict", "tokenizer_name", "torch_dtype",
        "transformers_version", "unsloth_fixed", "unsloth_version", "verbose",
    ),
    "read before the architecture is known": (
        "compression_config", "expert_dtype", "is_encoder_decoder", "name", "quantization_config",
    ),
    "tokens": (
        "eod_id", "ignore_index", "im_end_id", "im_newline_id", "im_start_id", "mask_init_id",
        "prefix", "task_specific_params", "text_end_id", "text_start_id", "tokenizer_class",
        "use_im_start_end", "video_end_id", "video_placeholder", "video_start_id", "vocab_offset",
    ),
    "training": (
        "attn_pdrop", "aux_loss_alpha", "bias_dropout_fusion", "drop_path_rate", "emb_pdrop",
        "embd_pdrop", "enable_expert_tensor_parallelism", "enable_moe_fp32_combine",
        "encoder_layerdrop", "ep_size", "finetuning_task", "gradient_checkpointing",
        "gradient_clipping", "init_config", "init_device", "init_method", "init_std",
        "input_jitter_noise", "layer_scale_init_value", "layerdrop", "load_balance_coeff",
        "moe_capacity", "moe_drop_tokens", "moe_eval_capacity_factor", "moe_loss_weight",
        "moe_min_capacity", "moe_random_routing_dropped_token", "moe_shared_expert_overlap",
        "moe_token_dropping", "moe_train_capacity_factor", "moe_use_aux_free",
        "mtp_loss_scaling_factor", "mup_enabled", "output_router_logits", "pretraining_tp",
        "pruned_heads", "rescale_prenorm_residual", "resid_pdrop", "router_jitter_noise", "seq_aux",
        "skip_bias_add", "skip_bias_add_qkv", "summary_activation", "summary_proj_to_labels",
        "summary_type", "summary_use_proj", "tf_legacy_loss", "tie_encoder_decoder", "torchscript",
        "use_bfloat16", "use_cache", "use_mask_token", "z_loss_weight",
    ),
    "how tokens are sampled": (
        "bad_words_ids", "begin_suppress_tokens", "chunk_size_feed_forward", "diversity_penalty",
        "do_sample", "early_stopping", "encoder_no_repeat_ngram_size",
        "exponential_decay_length_penalty", "length_penalty", "max_length", "max_new_tokens",
        "min_length", "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_logits_to_keep",
        "num_return_sequences", "output_attentions", "output_hidden_states", "output_scores",
        "remove_invalid_values", "repetition_penalty", "return_dict_in_generate", "suppress_tokens",
        "temperature", "top_k", "top_p", "typical_p",
    ),
    "positions": (
        "alibi", "alibi_bias_max", "alibi_scaling", "attn_scale", "attn_temperature_tuning",
        "base_seqlen", "compress_rope_theta", "floor_scale", "interpolate_factor",
        "learned_pos_emb", "logn", "max_pos_interp_ratio", "max_seq_len", "max_sequence_length",
        "mla_use_nope", "model_max_length", "n_ctx", "no_rope_layer_interval", "no_rope_layers",
        "offset_alibi", "original_max_position_embeddings", "original_rope",
        "partial_rotary_factor", "partial_rotary_factors", "position_embedding_type",
        "position_embedding_xdrope", "position_id_per_seconds", "rotary", "rotary_dim",
        "rotary_emb_base", "rotary_emb_fraction", "rotary_pct", "seq_length", "spatial_patch_size",
        "swa_rope_theta", "tokens_per_second", "training_seqlen",
        "use_absolute_position_embeddings", "use_dynamic_ntk", "use_logn_attn", "use_rope",
        "use_rope_layers", "use_rotary_pos_emb", "xdrope_section", "yarn_only_types",
    ),
    "activations, whose work is not timed": (
        "activation", "activation_function", "activation_sparsity_pattern", "activation_type",
        "ffn_act_fn", "gate_lower_bound", "hidden_act", "hidden_activation", "mamba_hidden_act",
        "mlp_hidden_act", "projector_hidden_act", "swiglu_alpha", "swiglu_limit", "swiglu_limits",
        "swiglu_limits_shared", "use_gated_activation",
    ),
    "factors, limits and rounding": (
        "altup_active_idx", "altup_coef_clip", "altup_correct_scale",
        "apply_query_key_layer_scaling", "attention_softmax_in_fp32", "attention_value_scale",
        "attn_logit_softcapping", "clip_qkv", "compression_ratio", "conf_attention_logit_cap",
        "conf_residual_weight", "dim_model_base", "embedding_fraction",
        "embedding_multiplier_scale", "embeddings_scale", "final_logit_softcapping",
        "fp32_residual_connection", "hc_sinkhorn_iters", "input_mult", "logit_scale",
        "logits_scaling", "masked_softmax_fusion", "max_attn_value", "moe_norm_min",
        "mup_embeddings_scale", "mup_output_alpha", "mup_scale_factor", "mup_scale_qk_dot_by_d",
        "mup_width_scale", "output_mult", "output_multiplier_scale", "pad_vocab_size_multiple",
        "query_pre_attn_scalar", "query_rescale_scalar", "reorder_and_upcast_attn",
        "residual_in_fp32", "route_scale", "scale_attention_softmax_in_fp32",
        "scale_attn_by_inverse_layer_idx", "scale_attn_weights", "scale_depth", "scale_emb",
        "scale_embedding", "scale_qk_dot_by_d", "slow_but_exact", "softmax_in_fp32",
        "softmax_scale", "time_step_floor", "time_step_init_scheme", "time_step_limit",
        "time_step_max", "time_step_min", "time_step_scale", "use_clipped_linears", "use_mup",
        "width_scale", "zero_centered",
    ),
    "which experts a token visits, of as many": (
        "group_limited_greedy", "moe_gate", "moe_normalize_expert_weights", "moe_renormalize",
        "moe_router_activation", "moe_router_activation_func", "moe_router_enable_expert_bias",
        "moe_router_scaling_factor", "need_fp32_gate", "norm_expert_weight", "norm_topk_prob",
        "num_hash_layers", "route_norm", "routed_scaling_factor", "router_dtype",
        "router_scaling_factor", "score_func", "score_function", "scoring_func", "shared_moe_mode",
        "topk_method", "use_expert_bias", "use_grouped_mm", "use_grouped_topk",
        "use_moe_router_bias", "use_routing_bias", "zero_expert_type",
    ),
    "vectors: norms, biases, one number for each head": (
        "add_bias", "add_bias_linear", "add_full_attention_sink_bias", "add_qkv_bias",
        "add_swa_attention_sink_bias", "apply_residual_connection_post_layernorm", "attn_bias",
        "bias", "do_layer_norm_before", "enable_bias", "latent_moe_use_norm",
        "layer_norm_elementwise_affine", "lm_head_bias", "mamba_conv_bias",
        "mamba_inner_layernorms", "mamba_norm_before_gate", "mamba_proj_bias", "mamba_rms_norm",
        "mlp_bias", "multi_modal_projector_bias", "multimodal_projector_bias", "no_bias",
        "norm_before_gate", "norm_head", "norm_type", "normalization_function",
        "num_ln_in_parallel_attn", "post_layer_norm", "post_norm", "postnorm", "qk_layernorm",
        "qk_ln", "qk_norm", "qk_norm_type", "qk_normalization", "qkv_bias", "rms_norm", "rmsnorm",
        "sandwich_norm", "standardize", "use_bias", "use_conv_bias", "use_head_wise_attn_gate",
        "use_qk_norm", "use_qkv_bias", "use_rmsnorm",
    ),
    "the order of the parts of a layer": (
        "att_impl_type", "attention_type", "attn_type", "bskcn_1", "bskcn_2", "bskcn_3", "bskcn_4",
        "bskcn_tv", "interleaved_qkv", "is_decoder", "new_decoder_architecture",
        "order_of_interleaved_layers", "parallel_attn", "prefix_lm", "sparse_local_block",
        "use_bidirectional_attention", "use_parallel_block", "use_parallel_embedding",
        "use_parallel_residual",
    ),
    "how code runs": (
        "attn_impl", "attn_implementation", "attn_uses_sequence_id", "bf16", "cache_implementation",
        "calc_logits_for_entire_prompt", "chunk_size", "conv_chunksize", "flash_attn", "fp16",
        "fp32", "fuse_linear", "fuse_rms_norm", "fuse_rope", "fused_add_norm", "inference_runner",
        "mamba_chunk_size", "mamba_ssm_cache_dtype", "max_batch_size", "n_window", "n_window_infer",
        "onnx_safe", "pad_key_length", "pre_allocate_kv_cache", "runner_max_sequence_length",
        "softmax_precision", "use_associative_scan", "use_cache_kernel", "use_cache_quantization",
        "use_flash_attention", "use_flash_attn", "use_mamba_kernels", "use_mambapy",
        "validate_runner_input",
    ),
    "of no consequence beside keys that are read": (
        "full_attn_mod", "mamba_use_mlp", "max_window_layers", "mlp_expansion_factor",
        "mm_hidden_size", "multi_query", "qk_head_dim", "use_embedding_sharing", "use_moe",
    ),
    "prediction layers whose weights are not published": (
        "mtp_hybrid_override_pattern", "mtp_layers_block_type", "mtp_transformer_layers",
        "mtp_use_dedicated_embeddings", "num_mtp_modules", "use_mtp",
    ),
    "how media become pieces": (
        "anyres_pooling_size", "anyres_vit_max_image_size", "attention_context_left",
        "attention_context_right", "audio_soft_tokens_per_image", "conf_attention_chunk_size",
        "conf_attention_context_left", "conf_attention_context_right", "conf_conv_kernel_size",
        "default_output_length", "dense_list", "dynamic_image_size", "force_image_size",
        "image_aspect_ratio", "image_seq_length", "init_pos_emb_time", "max_dynamic_patch",
        "max_image_size", "merge_type", "merged_hidden_size", "min_dynamic_patch",
        "mm_projector_type", "num_media_embeds", "org_vocab_size", "pad2square", "pool_type",
        "pos_emb_time", "projector_type", "ps_version", "select_layer", "sscp_conv_kernel_size",
        "sscp_conv_stride_size", "template", "use_backbone_lora", "use_image_newline_parameter",
        "use_llm_lora", "use_mean_pooling", "use_thumbnail", "use_unified_vision_chunk",
        "video_seq_length", "vision_aspect_ratio", "vision_feature_layer",
        "vision_feature_select_strategy", "vision_use_head",
    ),
}
# fmt: on
_OF_NO_SIZE = frozenset(name for names in _NAMES.values() for name in names)
_SPEAKING = re.compile(
    r"""
    ^_                                                   # notes of libraries to themselves
    | (^|_)tokens?_(ids?|index|indices)$ | _token$       # which token stands for what
    | (^|_)dropout(_|$) | initializer | loss_coef        # training
    | ^rope_ | (^|_)(norm_)?eps(ilon)?$ | norm_epsilon$ | _multipliers?$
    | ^layernorm_.*_(alpha|beta)$
    """,
    re.VERBOSE,
)
"""Names that say by themselves that they move no size."""


SAID_AGAIN: Mapping[str, str] = {
    "attention_head_dim": "head_dim",
    "block_dim": "hidden_size",
    "conv_dim": "hidden_size",
    "conv_dim_out": "hidden_size",
    "d_inner": "linear_num_value_heads",
    "d_model": "hidden_size",
    "kv_channels": "head_dim",
    "n_embd": "hidden_size",
    "n_head": "num_attention_heads",
    "n_heads": "num_attention_heads",
    "n_layer": "num_hidden_layers",
    "n_layers": "num_hidden_layers",
    "num_heads": "num_attention_heads",
    "num_layers": "num_hidden_layers",
    "sliding_window_size": "sliding_window",
}
"""Keys that some configs state beside the ones that are read, each with the field it repeats."""


def has_no_size(name: str) -> bool:
    """Whether a key of this name moves no size in any architecture.

    >>> has_no_size("attention_dropout"), has_no_size("num_experts")
    (True, False)
    """
    return name in _OF_NO_SIZE or bool(_SPEAKING.search(name))
