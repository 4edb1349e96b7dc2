"""Sliding windows: how far layers look back, and how many of them do."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config, Reader

_OF_LISTED = ("sliding_window_pattern", "global_attn_every_n_layers", "layer_switch")
"""What says again which layers a list names."""
_KINDS = ("full_attention", "sliding_attention")


def window_in_every_layer(config: Config) -> dict[str, Any]:
    """A window of all layers, or none where it is null (Mistral)."""
    window = config.nullable_count("sliding_window")
    return _windows(window, config.count("num_hidden_layers"))


def window_from_layer(config: Config) -> dict[str, Any]:
    """A window, if used at all, from layer ``max_window_layers`` on (Qwen2, huggingface #40126)."""
    if not config.flag("use_sliding_window"):
        config.pass_over("sliding_window", "max_window_layers")
        return {}
    window = config.nullable_count("sliding_window")
    sliding = _stated(config)
    if sliding is None:
        first = config.get("max_window_layers")
        if isinstance(first, bool) or not isinstance(first, int) or first < 0:
            raise config.refusal("max_window_layers", "must be a whole number of layers")
        sliding = max(config.count("num_hidden_layers") - first, 0)
    return _windows(window, sliding)


def window_unused(config: Config) -> dict[str, Any]:
    """Nothing; raises where a window is switched on that no published model has."""
    if config.flag("use_sliding_window"):
        raise config.refusal(
            "use_sliding_window", f"is not costed for '{config.model_type}'; set it to false"
        )
    config.pass_over("sliding_window", "max_window_layers")
    return {}


def full_attention_every(period: int) -> Reader:
    """Windows in all layers but each ``period``-th, unless the config lists its layers."""

    def read(config: Config) -> dict[str, Any]:
        sliding = _stated(config)
        config.pass_over(*_OF_LISTED)
        if sliding == 0:
            return {}
        window = config.count("sliding_window")
        if sliding is None:
            sliding = _in_pattern(config, config.get("sliding_window_pattern", period))
        return _windows(window, sliding)

    return read


def full_attention_every_and_last(period: int) -> Reader:
    """Windows in all layers but each ``period``-th and the last, unless the config lists them."""

    def read(config: Config) -> dict[str, Any]:
        layers = config.count("num_hidden_layers")
        return _listed_or(config, layers - -(-layers // period))

    return read


def full_attention_first_of(period: int) -> Reader:
    """Windows in all but the first of each ``period`` layers, unless the config lists them."""

    def read(config: Config) -> dict[str, Any]:
        layers = config.count("num_hidden_layers")
        return _listed_or(config, layers - -(-layers // period))

    return read


def _listed_or(config: Config, usual: int) -> dict[str, Any]:
    """Windows in the layers that the config lists, or in as many as are ``usual``."""
    sliding = _stated(config)
    return _windows(config.count("sliding_window"), usual if sliding is None else sliding)


def windows_as_listed(config: Config) -> dict[str, Any]:
    """Windows in the layers that the config lists; it has to, where a class sees everything."""
    if not config.states("layer_types"):
        raise config.refusal("layer_types", "is missing: which layers have a window")
    return _listed_or(config, 0)


def plamo3_windows(config: Config) -> dict[str, Any]:
    """Windows in all layers but each eighth, which ``interleaved_sliding_window`` says again."""
    read = full_attention_every(8)(config)
    listed = config.listed("interleaved_sliding_window")
    windows = [width for width in listed if width is not None]
    expected = [read.get("sliding_window")] * read.get("num_sliding_window_layers", 0)
    if listed and windows != expected:
        raise config.refusal(
            "interleaved_sliding_window", "does not agree with sliding_window_pattern"
        )
    return read


def window_of_no_layer(config: Config) -> dict[str, Any]:
    """Nothing: Solar's configs keep a window that no engine gives to its attention.

    References: vLLM 0.33 and SGLang 0.5.23, models/solar.py.
    """
    config.pass_over("sliding_window")
    return {}


def _in_pattern(config: Config, pattern: object) -> int:
    """Windowed layers where each so manyth is full, or by letters for local and global ones."""
    layers = config.count("num_hidden_layers")
    if isinstance(pattern, str) and pattern and set(pattern) <= set("LG"):
        return sum(pattern[layer % len(pattern)] == "L" for layer in range(layers))
    if isinstance(pattern, bool) or not isinstance(pattern, int) or pattern < 1:
        raise config.refusal("sliding_window_pattern", "must be a positive whole number")
    return layers - layers // pattern


def _stated(config: Config) -> int | None:
    """Windowed layers of those the config lists."""
    kinds = config.per_layer("layer_types", _KINDS)
    return None if kinds is None else kinds.count("sliding_attention")


def _windows(window: int | None, layers: int) -> dict[str, Any]:
    if window is None or not layers:
        return {}
    return {"sliding_window": window, "num_sliding_window_layers": layers}
