"""The tables of docs/inputs.md: which families and formats are costed, and which engines have them.

``python -m tests.families`` (in backend/) writes them anew; a test compares them.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.plans.engine_models import THROUGH_TRANSFORMERS, last_version
from llm_simulator.planner.plans.engine_rules import ENGINE_NAMES
from llm_simulator.planner.specs.calibration import ENGINES as CALIBRATED
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.hugging_face.architectures import ARCHITECTURES
from llm_simulator.planner.specs.hugging_face.encoders import TOWERS
from llm_simulator.planner.specs.hugging_face.refused import REFUSED, REFUSED_WHOLES
from tests.published import FOLDER

PAGE = Path(__file__).parents[2] / "docs" / "inputs.md"
START, END = "<!-- families: python -m tests.families -->\n", "<!-- end of families -->\n"
ENGINES = ("vLLM 0.33", "SGLang 0.5.23", "TensorRT-LLM")

_INT8 = {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "channel"}
_W8A8 = {
    "targets": ["Linear"],
    "weights": _INT8,
    "input_activations": _INT8 | {"strategy": "token", "dynamic": True},
}
FORMATS: Mapping[str, Mapping[str, Any] | None] = {
    "none": None,
    "fp8, one scale per tensor": {"quant_method": "fp8", "activation_scheme": "static"},
    "fp8, blocks of 128 × 128": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "fbgemm_fp8": {"quant_method": "fbgemm_fp8"},
    "gptq, 4 bits": {"quant_method": "gptq", "bits": 4, "group_size": 128},
    "gptq, 8 bits": {"quant_method": "gptq", "bits": 8, "group_size": 128},
    "awq, 4 bits": {"quant_method": "awq", "bits": 4, "group_size": 128},
    "compressed-tensors, int8": {
        "quant_method": "compressed-tensors",
        "format": "int-quantized",
        "config_groups": {"group_0": _W8A8},
        "ignore": ["lm_head"],
    },
    "modelopt, fp8": {"quant_method": "modelopt", "quant_algo": "FP8"},
    "modelopt, nvfp4": {"quant_method": "modelopt", "quant_algo": "NVFP4"},
    "mxfp4": {"quant_method": "mxfp4"},
    "gptq, 2 bits": {"quant_method": "gptq", "bits": 2, "group_size": 128},
    "bitsandbytes": {"quant_method": "bitsandbytes", "load_in_4bit": True},
    "torchao": {"quant_method": "torchao"},
    "hqq": {"quant_method": "hqq"},
}
"""A ``quantization_config`` of each kind."""
_OTHER_FORMATS = ("quantization_config", "compression_config", "hf_quant_config", "expert_dtype")

FORMATS_LACKING: Mapping[str, frozenset[str]] = {
    "vLLM 0.33": frozenset(("gptq, 2 bits", "bitsandbytes", "hqq")),
    "SGLang 0.5.23": frozenset(("fbgemm_fp8", "gptq, 2 bits", "torchao", "hqq")),
    "TensorRT-LLM": frozenset(
        ("gptq, 8 bits", "compressed-tensors, int8", "gptq, 2 bits", "bitsandbytes", "torchao")
    )
    | {"hqq"},
}
"""Of FORMATS those that an engine does not list: vLLM's and SGLang's
``layers/quantization/__init__.py`` (of NVIDIA GPUs), TensorRT-LLM's docs/source/features/
quantization.md (09d4c79)."""


def families() -> dict[str, dict[str, Any]]:
    """A published config of each architecture that has one, without its formats."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(FOLDER.glob("*.json")):
        config = json.loads(path.read_text())["config"]
        text = config.get("text_config") or config.get("llm_config") or config
        plain = {key: value for key, value in config.items() if key not in _OTHER_FORMATS}
        found.setdefault(str(text.get("model_type") or config["model_type"]), plain)
    return {kind: found[kind] for kind in sorted(found) if kind in ARCHITECTURES}


def refusal(config: Mapping[str, Any], quantization: Mapping[str, Any] | None) -> str:
    """The sentence that a config in a format is refused with; empty where it is costed."""
    stated = {} if quantization is None else {"quantization_config": quantization}
    try:
        model_from_config({**config, **stated})
    except InvalidInput as error:
        return str(error)
    return ""


def formats_table() -> Iterator[str]:
    """What becomes of each format, the same for every family; raises ValueError where it isn't."""
    yield _row("`quantization_config`", "costed", *ENGINES) + "|---|---|---|---|---|\n"
    for name, given in FORMATS.items():
        sentences = {refusal(config, given) for config in families().values()}
        if len(sentences) > 1:
            raise ValueError(f"{name} is not read alike of every family: {sorted(sentences)}")
        lacking = (_yes_or_no(name not in FORMATS_LACKING[engine]) for engine in ENGINES)
        yield _row(name, _costed(sentences.pop()), *lacking)


def _costed(sentence: str) -> str:
    return f"refused: {sentence}" if sentence else "yes"


def families_table() -> Iterator[str]:
    """Which engines have a family of their own, alike ones in one row; then those refused."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for kind in sorted(ARCHITECTURES):
        rows.setdefault(_engines_of(kind), []).append(kind)
    yield _row("`model_type`, or class", "costed", *ENGINES) + "|---|---|---|---|---|\n"
    for cells, kinds in sorted(rows.items(), key=lambda row: -len(row[1])):
        yield _row(", ".join(kinds), "yes", *cells)
    for reason, names in _by_reason(REFUSED):
        yield _row(names, f"refused: it has {reason}", "", "", "")


def wholes_table() -> Iterator[str]:
    """Which multimodal models are read with their encoders, and why others are not."""
    yield _row("`model_type` of the whole, or class", "costed") + "|---|---|\n"
    yield _row(", ".join(sorted(TOWERS)), "yes, with the language models above")
    for reason, names in _by_reason(REFUSED_WHOLES):
        yield _row(names, f"refused: it has {reason}")


def _by_reason(refused: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for reason in dict.fromkeys(refused.values()):
        names = sorted((name for name in refused if refused[name] == reason), key=str.lower)
        yield reason, ", ".join(names)


def engines_table() -> Iterator[str]:
    """What is known of each engine that a request may name."""
    levels = builtin_catalogue().calibrations.levels
    measured = {level.subject.engine for level in levels}
    header = ("`inference.engine`", "own plans and memory", "calibrated on public runs")
    yield _row(*header) + "|---|---|---|\n"
    for engine in (*CALIBRATED, None):
        known = "no: plans of any engine" if engine is None else "yes"
        fitted = "yes" if engine and engine in measured else "what all engines have in common"
        yield _row(engine or "none named", known, fitted)


def _engines_of(kind: str) -> tuple[str, ...]:
    vllm, *others = (_until(last_version(engine, kind)) for engine in ENGINE_NAMES)
    return "through Transformers" if kind in THROUGH_TRANSFORMERS else vllm, *others


def _until(version: str | None) -> str:
    return "yes" if version is None else f"to {version}" if version else "no"


def _yes_or_no(answer: bool) -> str:
    return "yes" if answer else "no"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def written(page: str) -> str:
    """``page`` with the tables as they are now."""
    before, rest = page.split(START)
    tables = (engines_table(), formats_table(), families_table(), wholes_table())
    now = "\n".join("".join(table) for table in tables)
    return f"{before}{START}\n{now}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
