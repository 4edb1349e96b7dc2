"""Architectures that an engine has code of its own for: data, with its sources.

Others may load through the Transformers library, at another speed than what is predicted.
"""

from collections.abc import Mapping

from llm_simulator.planner.specs.calibration import Engine
from llm_simulator.planner.specs.engine_version import Version

NEWEST: Mapping[Engine, str] = {"vllm": "0.33", "sglang": "0.5.23", "trtllm": ""}
"""The version that the lists were read of; TensorRT-LLM's is a page of its main branch."""

# fmt: off
LAST_VLLM: Mapping[str, str] = {
    "baichuan": "0.23", "bamba": "0.23", "dots1": "0.23", "internlm": "0.23", "minimax": "0.23",
    "minimax_m1": "0.23", "minimax_text_01": "0.23", "qwen": "0.23", "grok-1": "0.24",
    "mpt": "0.28", "stablelm_epoch": "0.28", "aquila": "0.24", "arctic": "0.28", "jais": "0.22",
    "persimmon": "0.25", "xverse": "0.23",
}
"""Architectures that vLLM dropped, with its last version (model_executor/models/registry.py)."""
NOT_IN_VLLM = frozenset(("mistral4", "solar_open", "youtu"))
THROUGH_TRANSFORMERS = frozenset((
    "arcee", "cwm", "flex_olmo", "mellum", "glm", "gpt_bigcode", "gpt_neox", "hunyuan_v1_dense",
    "hunyuan_v1_moe", "jais2", "olmo", "olmo2", "olmo3", "phi", "seed_oss", "smollm3",
    "starcoder2", "vaultgemma",
))
"""Which vLLM's registry loads through the Transformers library in 0.33; earlier ones have code of
their own for most."""
_BEFORE_THAT = "0.32"
NOT_IN_SGLANG = frozenset((
    "axk1", "bamba", "bloom", "cwm", "dots1", "falcon", "glm", "gpt_neox", "hyperclovax",
    "internlm", "jamba", "minimax", "minimax_m1", "minimax_text_01",
    "mistral4", "mpt", "nemotron", "olmo3", "seed_oss", "smollm3", "solar_open", "stablelm_epoch",
    "vaultgemma", "youtu", "aquila", "arctic", "flex_olmo", "jais", "jais2", "PanguEmbedded",
    "pangu_ultra_moe", "plamo3", "telechat", "telechat2", "telechat3",
))
"""Architectures without a class in srt/models."""
IN_TENSORRT_LLM = frozenset((
    "afmoe", "cohere2", "deepseek_v2", "deepseek_v3", "deepseek_v32", "deepseek_v4", "exaone",
    "exaone4", "exaone_moe", "gemma3_text", "gemma4_text", "glm4_moe", "glm4_moe_lite",
    "glm_moe_dsa", "gpt_oss", "granite", "granitemoehybrid", "hunyuan_v1_dense",
    "hunyuan_v1_moe", "internlm3", "kimi_k2", "kimi_k25", "llama", "llama4_text", "minimax_m2",
    "minimax_m3", "minimax_m3_vl_text", "mistral", "mixtral", "nemotron", "nemotron-nas",
    "nemotron_h", "olmo3", "phi3", "qwen2", "qwen2_5_vl",
    "qwen2_5_vl_text", "qwen2_vl", "qwen2_vl_text", "qwen3", "qwen3_5_moe_text", "qwen3_5_text",
    "qwen3_moe", "qwen3_next", "qwen3_vl_moe_text", "qwen3_vl_text", "seed_oss", "smollm3",
    "step3p5", "step3p7",
))
"""Architectures of docs/source/models/supported-models.md (00b6d5a), AutoDeploy's included."""
# fmt: on


def last_version(engine: Engine, architecture: str) -> str | None:
    """The last version of an engine that has an architecture; None where the newest has it.

    Empty where no version is known to have it.

    >>> last_version("vllm", "bamba"), last_version("vllm", "llama"), last_version("trtllm", "gpt2")
    ('0.23', None, '')
    """
    if engine == "vllm":
        if architecture in THROUGH_TRANSFORMERS:
            return _BEFORE_THAT
        return "" if architecture in NOT_IN_VLLM else LAST_VLLM.get(architecture)
    has_it = (
        architecture in IN_TENSORRT_LLM if engine == "trtllm" else architecture not in NOT_IN_SGLANG
    )
    return None if has_it else ""


def lacks(engine: Engine, version: Version | None, architecture: str) -> bool:
    """Whether a version of an engine, the newest where it is None, has no code for a model.

    >>> lacks("vllm", (0, 23, 1), "bamba"), lacks("vllm", None, "bamba")
    (False, True)
    """
    last = last_version(engine, architecture)
    if not last:
        return last is not None
    numbers = tuple(map(int, last.split(".")))
    return version is None or version[: len(numbers)] > numbers
