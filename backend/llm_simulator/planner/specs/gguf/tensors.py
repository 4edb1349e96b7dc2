"""The tensors of a GGUF file: how many weights of which module are stored in which format."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.modules import Module, WeightFormat
from llm_simulator.planner.specs.quantization.published import Tally
from llm_simulator.planner.specs.quantization.scheme import UNQUANTISED


class Tensor(NamedTuple):
    """One tensor as a file lists it."""

    name: str
    kind: str
    """Its GGML type: ``F16``, ``Q4_K``."""
    shape: tuple[int, ...]
    """The inner width first."""
    weights: int
    bytes: int
    block: int
    """Weights that share scales."""

    @property
    def layer(self) -> int | None:
        """The layer it is of; None for tables and the last norm."""
        parts = self.name.split(".")
        return int(parts[1]) if parts[0] == "blk" and parts[1].isdigit() else None


EMBEDDING, HEAD = "token_embd.weight", "output.weight"
_WIDE = ("F16", "BF16", "F32")
_DTYPES: Mapping[str, Dtype] = {
    "Q3_K": Dtype.INT3,
    "Q4_0": Dtype.INT4,
    "Q4_1": Dtype.INT4,
    "Q4_K": Dtype.INT4,
    "Q5_0": Dtype.INT5,
    "Q5_1": Dtype.INT5,
    "Q5_K": Dtype.INT5,
    "Q6_K": Dtype.INT6,
    "Q8_0": Dtype.INT8,
    "MXFP4": Dtype.MXFP4,
}
"""Types whose weights are whole numbers times a scale, or OCP's."""
_FEED_FORWARD = {
    "": Module.DENSE_MLP,
    "_shexp": Module.SHARED_EXPERT,
    "_exps": Module.ROUTED_EXPERTS,
}
_ATTENTION = ("q", "k", "v", "qkv", "output", "q_a", "q_b", "kv_a_mqa", "kv_b", "k_b", "v_b")
_MODULES: Mapping[str, Module] = {
    **{f"attn_{part}": Module.ATTENTION for part in _ATTENTION},
    **{
        f"ffn_{part}{suffix}": module
        for part in ("gate", "up", "down", "gate_up")
        for suffix, module in _FEED_FORWARD.items()
    },
}
"""By what stands behind a layer's number."""


def module_of(tensor: Tensor) -> Module | None:
    """The module that a matrix belongs to; None for norms, biases, routers and tables."""
    parts = tensor.name.split(".")
    if tensor.layer is None or parts[-1] != "weight":
        return None
    # Files of 2023 have a tensor per expert: ``ffn_up.3.weight``.
    of_one_expert = parts[2].startswith("ffn_") and len(parts) == 5
    return Module.ROUTED_EXPERTS if of_one_expert else _MODULES.get(parts[2])


def tallies(tensors: Iterable[Tensor], field: str) -> dict[Module, Tally]:
    """How many weights of each module are stored in which format."""
    found: dict[Module, Tally] = {}
    for tensor in tensors:
        module = module_of(tensor)
        if module is None:
            continue
        tally, stored = found.setdefault(module, {}), stored_as(tensor, field)
        tally[stored] = tally.get(stored, 0.0) + tensor.weights
    return found


def stored_as(tensor: Tensor, field: str) -> WeightFormat:
    """The format of a matrix, which kernels widen before they multiply.

    Raises InvalidInput for a type that looks its weights up in a codebook or has under 3 bits.
    """
    if tensor.kind in _WIDE:
        return UNQUANTISED
    if tensor.kind not in _DTYPES:
        raise InvalidInput.at(
            field,
            f"the GGUF file's {tensor.name} is {tensor.kind}, which is not costed; known: "
            f"{', '.join((*_WIDE, *_DTYPES))}; give a file in one of these, or the config.json of "
            "the model it was made from and inference.weight_dtype",
        )
    dtype = _DTYPES[tensor.kind]
    return WeightFormat(
        dtype=dtype,
        group_size=tensor.block,
        activation_dtype=Dtype.BF16 if dtype is Dtype.INT8 else None,
        bytes_per_weight=tensor.bytes / tensor.weights,
    )
