"""Bytes of what drafts tokens, by hand."""

import numpy as np
import pytest

from llm_simulator.planner.costs.memory import cache_memory, held_by, resident_memory
from llm_simulator.planner.serving.instances import prompt_cache
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.speculation import Speculation
from tests.deployments import CATALOGUE, catalogued, plan

MTP = Speculation(draft_tokens=3, acceptance_rate=0.8)
NAMED = Speculation(
    draft_tokens=3,
    acceptance_rate=0.8,
    method="draft_model",
    draft_model=CATALOGUE.models["llama-3.1-8b"].spec,
)
SHARE = Speculation(draft_tokens=3, acceptance_rate=0.8, method="draft_model", draft_cost=0.1)
TOKENS = 64 * 2048
"""Cached by 64 requests of 1k in, 1k out."""


def added(part, model, speculative, *, degrees, chip="h200-sxm", **load):
    """Bytes per chip that drafting adds, on the fullest of the plan's stages."""
    memories = (
        resident_memory(
            catalogued(model, chip, "pod-64", speculative=drafts, **load), plan(**degrees)
        )
        for drafts in (speculative, None)
    )
    drafting, plain = (float(getattr(memory, part)[0]) for memory in memories)
    return drafting - plain


def test_an_8b_model_beside_a_70b_one_takes_its_weights_and_its_cache():
    """Two tensor ranks: half of 8.03 B weights in bf16 each, half of the heads of 32 layers."""
    weights = added("weights", "llama-3.1-70b", NAMED, degrees={"tp": 2})
    assert weights == pytest.approx(8.03e9 * 2 / 2, rel=1e-3)
    cache = added("kv_cache", "llama-3.1-70b", NAMED, degrees={"tp": 2})
    assert cache == TOKENS * 32 * (8 * 2 * 128 * 2) / 2


def test_a_draft_model_lies_whole_on_the_last_stage():
    drafting = catalogued("llama-3.1-70b", "h200-sxm", "pod-64", speculative=NAMED)
    memory = resident_memory(drafting, plan(pp=4))
    assert memory.stage.tolist() == [2]
    assert memory.kv_cache[0] == TOKENS * (20 + 32) * (8 * 2 * 128 * 2)


def test_a_draft_model_known_by_its_cost_takes_that_share_of_all():
    plain = resident_memory(catalogued("llama-3.1-70b", "h200-sxm"), plan(tp=2))
    for part in ("weights", "kv_cache"):
        extra = added(part, "llama-3.1-70b", SHARE, degrees={"tp": 2})
        assert extra == pytest.approx(0.1 * getattr(plain, part)[0], rel=1e-12)


def test_a_prediction_layer_shares_the_tables_and_adds_its_cache():
    """DeepSeek-V3 on 8 expert ranks: 32 of 256 experts in fp8, the projection whole in bf16."""
    weights = added("weights", "deepseek-v3", MTP, degrees={"tp": 8, "ep": 8})
    scaled = 1 + 4 / 128**2
    down = 7168 * (1536 + 576)
    up = (1536 * 128 * 192 + 512 * 128 * 256 + 128 * 128 * 7168) / 8
    experts = 3 * 7168 * 2048 * (32 + 1 / 8)
    router, norms, joining = 7168 * 256, 2 * 7168, 2 * 7168**2 + 3 * 7168
    expected = (down + up + experts) * scaled + (router + norms + joining) * 2
    assert weights == pytest.approx(expected, rel=1e-4)
    cache = added("kv_cache", "deepseek-v3", MTP, degrees={"tp": 8, "ep": 8})
    assert cache == TOKENS * 576 * 2


def test_on_stages_the_last_has_an_embedding_of_its_own_for_drafts():
    """The last of two stages of DeepSeek-V3 is the fullest: its head's table comes again."""
    one = added("weights", "deepseek-v3", MTP, degrees={"tp": 8, "ep": 8})
    two = added("weights", "deepseek-v3", MTP, degrees={"tp": 8, "ep": 8, "pp": 2})
    assert two - one == pytest.approx(129280 * 7168 * 2 / 8)


def test_a_prediction_layer_beside_nvfp4_experts_stays_in_bf16():
    load = {"degrees": {"tp": 8, "ep": 8}, "chip": "b200-sxm", "weight_dtype": Dtype.NVFP4}
    bf16 = 3 * 7168 * 2048 * (32 + 1 / 8) * 2
    assert added("weights", "deepseek-v3", MTP, **load) > bf16


def test_every_published_layer_is_held():
    """MiMo-V2-Flash has three dense ones with a window of 128 tokens: 0.33 B each."""
    weights = added("weights", "mimo-v2-flash", MTP, degrees={})
    bytes_per_weight = 1.0
    assert 3 * 0.3e9 * bytes_per_weight < weights < 3 * 0.4e9 * bytes_per_weight
    cache = added("kv_cache", "mimo-v2-flash", MTP, degrees={})
    assert cache == pytest.approx(3 * 64 * 128 * 8 * (192 + 128) * 2, rel=0.2)


def test_the_cache_of_drafts_is_sent_to_decode_pools_too():
    alone, drafting = (catalogued("deepseek-v3", speculative=s) for s in (None, MTP))
    assert prompt_cache(drafting) == pytest.approx(prompt_cache(alone) * 62 / 61)


def test_a_table_equals_its_rows():
    deployed = catalogued("llama-3.1-70b", "h200-sxm", "pod-64", speculative=NAMED)
    rows = [plan(tp=2), plan(tp=2, pp=4), plan(tp=8)]
    held = held_by(deployed, np.ones(1))
    for row in rows:
        memory = resident_memory(deployed, row, held)
        whole = cache_memory(deployed, row, held)
        assert memory.kv_cache[0] <= whole[0]
