"""GGUF files as llama.cpp converts and quantises published configs: metadata, tensors, a file."""

import struct
from collections.abc import Callable, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

from llm_simulator.planner.specs.gguf import TYPES, Tensor

BLOCKS = {each.name: (each.block, each.bytes) for each in TYPES.values()}
Kind = Callable[[str, int, int], str]
"""A matrix's type by its name, its layer and the count of layers."""


def all_in(kind: str) -> Kind:
    """Every matrix in one type."""
    return lambda _name, _layer, _layers: kind


def q4_k_m(name: str, layer: int, layers: int) -> str:
    """llama.cpp's Q4_K_M: half of the layers keep values and down projections in Q6_K.

    Source: ggml-org/llama.cpp, src/llama-quant.cpp, llama_tensor_get_type and use_more_bits.
    """
    eighth = layers // 8
    more = layer < eighth or layer >= 7 * eighth or (layer - eighth) % 3 == 2
    if name == "output" or (name in ("attn_v", "ffn_down", "ffn_down_exps") and more):
        return "Q6_K"
    return "Q4_K"


def tensor(name: str, shape: Sequence[int], kind: str) -> Tensor:
    """One tensor of a file; vectors stay in F32."""
    kind = kind if len(shape) > 1 else "F32"
    weights, (block, size) = prod(shape), BLOCKS[kind]
    return Tensor(name, kind, tuple(shape), weights, weights // block * size, block)


def dense(architecture: str, config: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The metadata of a converted config; ``more`` are keys of the architecture."""
    heads = config["num_attention_heads"]
    keys = {
        "block_count": config["num_hidden_layers"],
        "context_length": 131072,
        "embedding_length": config["hidden_size"],
        "feed_forward_length": config["intermediate_size"],
        "attention.head_count": heads,
        "attention.head_count_kv": config.get("num_key_value_heads", heads),
        "attention.key_length": config.get("head_dim", config["hidden_size"] // heads),
    }
    stated = {f"{architecture}.{name}": value for name, value in (keys | more).items()}
    return {"general.architecture": architecture, "general.name": "Converted"} | stated


def tensors(
    metadata: Mapping[str, Any],
    vocab: int,
    kind: Kind,
    *,
    tied: bool = False,
    vectors: Sequence[str] = ("attn_norm", "ffn_norm"),
    beside: Sequence[Tensor] = (),
) -> list[Tensor]:
    """The tensors of a decoder with grouped attention, dense or with experts in every layer."""
    found = _shapes(metadata)
    layers = metadata[f"{metadata['general.architecture']}.block_count"]
    hidden = found["attn_q"][0]
    listed = [tensor("token_embd.weight", (hidden, vocab), kind("token_embd", 0, layers))]
    if not tied:
        listed.append(tensor("output.weight", (hidden, vocab), kind("output", 0, layers)))
    for layer in range(layers):
        listed += [
            tensor(f"blk.{layer}.{name}.weight", shape, kind(name, layer, layers))
            for name, shape in found.items()
        ]
        listed += [tensor(f"blk.{layer}.{name}.weight", (hidden,), "F32") for name in vectors]
    return [*listed, tensor("output_norm.weight", (hidden,), "F32"), *beside]


def _shapes(metadata: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    def stated(key: str) -> Any:
        return metadata.get(f"{metadata['general.architecture']}.{key}")

    hidden, width = stated("embedding_length"), stated("attention.key_length")
    query = stated("attention.head_count") * width
    pair = stated("attention.head_count_kv") * width
    found: dict[str, tuple[int, ...]] = {
        "attn_q": (hidden, query),
        "attn_k": (hidden, pair),
        "attn_v": (hidden, pair),
        "attn_output": (query, hidden),
    }
    experts = stated("expert_count")
    inner = stated("expert_feed_forward_length") or stated("feed_forward_length")
    suffix, copies = ("_exps", (experts,)) if experts else ("", ())
    found |= {
        f"ffn_gate{suffix}": (hidden, inner, *copies),
        f"ffn_up{suffix}": (hidden, inner, *copies),
        f"ffn_down{suffix}": (inner, hidden, *copies),
    }
    return found | ({"ffn_gate_inp": (hidden, experts)} if experts else {})


def write(path: Path, metadata: Mapping[str, Any], listed: Sequence[Tensor]) -> Path:
    """A file with these and a vocabulary, its data left out: the disk has a hole there."""
    vocabulary = {"tokenizer.ggml.tokens": ["a", "b"], "tokenizer.ggml.token_type": [1, 1]}
    pairs = [_text(key) + _value(value) for key, value in {**metadata, **vocabulary}.items()]
    header = b"GGUF" + struct.pack("<IQQ", 3, len(listed), len(pairs)) + b"".join(pairs)
    path.write_bytes(header + b"".join(map(_tensor, listed)))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + sum(each.bytes for each in listed))
    return path


def _tensor(each: Tensor) -> bytes:
    kind = next(number for number, stored in TYPES.items() if stored.name == each.kind)
    count = len(each.shape)
    return _text(each.name) + struct.pack(f"<I{count}QIQ", count, *each.shape, kind, 0)


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def _value(value: Any) -> bytes:
    """A text, a whole number, or a list of either, each behind its type."""
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    items = [_value(item) for item in value]
    return (
        struct.pack("<I", 9)
        + items[0][:4]
        + struct.pack("<Q", len(items))
        + b"".join(item[4:] for item in items)
    )
