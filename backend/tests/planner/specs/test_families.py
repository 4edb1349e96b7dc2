"""The tables of families, formats and engines in docs/inputs.md say what the planner does."""

import pytest

from llm_simulator.planner.plans.engine_models import (
    IN_TENSORRT_LLM,
    LAST_VLLM,
    NOT_IN_SGLANG,
    NOT_IN_VLLM,
    THROUGH_TRANSFORMERS,
)
from llm_simulator.planner.specs.hugging_face.architectures import ARCHITECTURES
from tests.deployments import evaluated
from tests.families import (
    FORMATS,
    FORMATS_LACKING,
    PAGE,
    families,
    refusal,
    written,
)


def test_the_tables_of_families_and_formats_are_up_to_date():
    page = PAGE.read_text("utf-8")
    assert written(page) == page, "python -m tests.families writes them anew"


def test_the_lists_of_engines_speak_of_known_architectures_and_formats():
    lists = (NOT_IN_VLLM, NOT_IN_SGLANG, IN_TENSORRT_LLM, LAST_VLLM.keys(), THROUGH_TRANSFORMERS)
    for kinds in lists:
        assert set(kinds) <= set(ARCHITECTURES)
    assert not THROUGH_TRANSFORMERS & {*NOT_IN_VLLM, *LAST_VLLM}
    for names in FORMATS_LACKING.values():
        assert names <= set(FORMATS)


@pytest.mark.parametrize(
    ("model", "engine", "version", "said"),
    [
        ("bamba-9b", "vllm", None, "vLLM 0.33 has no code for bamba, the architecture of bamba-9b"),
        ("bamba-9b", "vllm", "0.24.1", "vLLM 0.24.1 has no code for bamba"),
        ("bamba-9b", "vllm", "0.23.0", ""),
        ("bamba-9b", None, None, ""),
        ("olmo-2-7b", "vllm", None, "vLLM 0.33 has no code for olmo2, the architecture of olmo-2"),
        ("olmo-2-7b", "vllm", "0.23.0", ""),
        ("gpt2-xl", "trtllm", None, "TensorRT-LLM has no code for gpt2"),
        ("gpt2-xl", "sglang", None, ""),
        (families()["jamba"], "sglang", None, "SGLang 0.5.23 has no code for jamba"),
    ],
)
def test_an_engine_without_code_for_a_model_is_said(model, engine, version, said):
    load = {"batch_size": 8, "input_seq_length": 512, "output_seq_length": 128}
    named = {"engine": engine, "engine_version": version} if engine else {}
    result = evaluated(
        {"model": model, "topology": "server-8", "hardware": "h100-sxm", "inference": load | named}
    )
    found = [note for note in result["warnings"] if note["code"] == "engine_lacks_model"]
    assert [said in note["message"] for note in found] == ([True] if said else [])


@pytest.mark.parametrize(
    ("model", "named", "starting"),
    [
        ("llama-3.1-8b", {}, ["vllm", "sglang", "trtllm"]),
        ("bamba-9b", {}, []),
        ("bamba-9b", {"engine": "vllm", "engine_version": "0.23.0"}, ["vllm"]),
        ("gpt2-xl", {}, ["vllm", "sglang"]),
    ],
)
def test_an_engine_without_code_for_a_model_starts_none_of_its_plans(model, named, starting):
    load = {"batch_size": 8, "input_seq_length": 512, "output_seq_length": 128}
    result = evaluated(
        {"model": model, "topology": "server-8", "hardware": "h100-sxm", "inference": load | named}
    )
    for plan in result["top_k_plans"]:
        codes = {refusal["engine"]: refusal["code"] for refusal in plan["refused_by"]}
        assert plan["engines"] == [name for name in starting if name not in codes]
        lacking = {name for name, code in codes.items() if code == "model"}
        assert lacking == {"vllm", "sglang", "trtllm"} - {*starting}


@pytest.mark.parametrize("engine", ["vllm", "sglang", "trtllm", None])
@pytest.mark.parametrize("kind", ["llama", "olmo2", "qwen3_moe"])
def test_what_is_costed_is_costed_with_every_engine(kind, engine):
    config = families()[kind]
    costed = [given for given in FORMATS.values() if not refusal(config, given)]
    assert len(costed) == 11
    for given in costed[:: len(costed) - 1]:
        stated = {} if given is None else {"quantization_config": given}
        load = {"batch_size": 8, "input_seq_length": 512, "output_seq_length": 128}
        result = evaluated(
            {
                "model": {**config, **stated},
                "topology": "server-8",
                "hardware": "b200-sxm",
                "inference": load if engine is None else load | {"engine": engine},
                "search_mode": "manual",
                "manual_parallelism": {"tp": 4, "ep": 4 if kind == "qwen3_moe" else 1},
            }
        )
        assert result["top_k_plans"][0]["is_feasible"]
