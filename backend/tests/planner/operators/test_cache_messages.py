"""Ranks that share out a request's cache: what each reads and what they send, by hand."""

import numpy as np
import pytest

from llm_simulator.planner.costs.step_cost import StepCostModel
from llm_simulator.planner.operators.all_work import step_work
from llm_simulator.planner.operators.cache_messages import NAME
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.messages import step_messages
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.plans.table import PlanTable
from tests.deployments import catalogued, decode_context, plan, prompt_context

LATENT = catalogued("deepseek-v3", "h200-sxm", engine="vllm")
SPARSE = catalogued("deepseek-v3.2", "h200-sxm", engine="vllm")
GROUPED = catalogued("qwen3-235b-a22b", "h200-sxm", engine="vllm")


def work(context: Context, name: str, what: str) -> float:
    found = (w for w in step_work(context) if w.operator == name)
    return sum(float(np.ravel(getattr(w, what) * w.repeats)[0]) for w in found)


def sent(context: Context) -> list[float]:
    """Bytes of each message among ranks with a share, in one layer."""
    found = (m for m in step_messages(context) if m.operator == NAME)
    return [float(np.ravel(m.size)[0]) for m in found if np.any(np.asarray(m.repeats))]


def test_each_rank_reads_its_share_for_all_heads_of_latent_attention() -> None:
    """1/8 of 100 x 8,000 latents of 576 and of 100 new ones; 128 heads of 576 + 512, bf16."""
    whole, shared = (
        decode_context(LATENT, requests=100, context=8000, tp=8, moe_tp=8, dcp=dcp)
        for dcp in (1, 8)
    )
    latents = 100 * 8001 * 576 * 2
    queries = 100 * 128 * (576 + 512) * 2
    assert work(whole, "attention", "bytes") == pytest.approx(61 * (latents + queries / 8))
    assert work(shared, "attention", "bytes") == pytest.approx(61 * (latents / 8 + queries))
    assert work(shared, "attention", "flops") == work(whole, "attention", "flops")


def test_heads_of_several_ranks_fill_a_tile_of_latent_attention() -> None:
    """A tile has 64 rows: 16 heads of one rank fill a quarter, 128 fill two tiles."""
    for dcp, padding in ((1, 4), (8, 1)):
        context = decode_context(LATENT, requests=100, context=8000, tp=8, moe_tp=8, dcp=dcp)
        *_, core = (w for w in step_work(context) if w.operator == "attention")
        assert core.padded_flops == padding * core.flops


def test_each_rank_reads_its_share_for_two_ranks_heads_of_grouped_queries() -> None:
    """One key-value head on each of 8 ranks, 8 of 64 query heads: 16 with dcp 2."""
    whole, shared = (
        decode_context(GROUPED, requests=100, context=8000, tp=8, moe_tp=8, dcp=dcp)
        for dcp in (1, 2)
    )
    cache, queries = 100 * 8001 * 256 * 2, 100 * 8 * 256 * 2
    assert work(whole, "attention", "bytes") == pytest.approx(94 * (cache + queries))
    assert work(shared, "attention", "bytes") == pytest.approx(94 * (cache / 2 + 2 * queries))
    assert work(shared, "attention", "flops") == work(whole, "attention", "flops")


def test_ranks_send_queries_sums_and_results() -> None:
    """16 heads of a rank: 576 of each query, 512 of each result; sums of all 128 in fp32."""
    context = decode_context(LATENT, requests=100, context=8000, tp=8, moe_tp=8, dcp=8)
    assert sent(context) == [100 * 16 * 576 * 2, 100 * 128 * 4, 100 * 16 * 512 * 2]
    grouped = decode_context(GROUPED, requests=100, context=8000, tp=8, moe_tp=8, dcp=2)
    assert sent(grouped) == [100 * 8 * 128 * 2, 100 * 16 * 4, 100 * 8 * 128 * 2]
    assert sent(decode_context(LATENT, requests=100, context=8000, tp=8, moe_tp=8)) == []


def test_a_prompt_gathers_what_lies_before_its_chunk() -> None:
    """Latents of 3/8 of the prompt in the mean over four chunks, bf16; queries where grouped."""
    assert sent(prompt_context(LATENT, length=8192, tp=8, moe_tp=8, dcp=8)) == []
    chunk = prompt_context(LATENT, length=8192, chunks=4, tp=8, moe_tp=8, dcp=8)
    assert sent(chunk) == [8192 * 3 / 8 * 576 * 2 / 8]
    grouped = prompt_context(GROUPED, length=8192, chunks=4, tp=8, moe_tp=8, dcp=2)
    rows = 2048 * 3 / 4
    assert sent(grouped) == [rows * 8 * 128 * 2, rows * 16 * 4, rows * 8 * 128 * 2]


def test_an_indexer_scores_its_share_and_ranks_exchange_what_it_picked() -> None:
    """2,048 candidates of 8 bytes per request; a share of 100,000 index keys of 132 bytes."""
    context = decode_context(SPARSE, requests=10, context=100_000, tp=8, moe_tp=8, dcp=8)
    assert sent(context)[-1] == 10 * 2048 * 8
    near, far = (
        decode_context(SPARSE, requests=10, context=c, tp=8, moe_tp=8, dcp=8)
        for c in (50_000, 100_000)
    )
    keys = (work(far, "indexer", "bytes") - work(near, "indexer", "bytes")) / 61
    assert keys == pytest.approx(10 * 50_000 / 8 * (132 + 2 * 4))


def test_a_table_equals_its_rows() -> None:
    rows = [{"tp": 8, "moe_tp": 8, "dcp": dcp} for dcp in (1, 2, 8)]
    names = ("dp", "tp", "pp", "ep", "sp", "moe_tp", "dcp")
    table = PlanTable(
        *(np.concatenate([getattr(plan(**row), name) for row in rows]) for name in names)
    )
    step = Step(np.ones(3), 8192, 3, np.full(3, 40.0), 9000.0)
    together = StepCostModel(LATENT, table).step_total(step).time
    alone = [
        float(StepCostModel(LATENT, plan(**row)).step_total(step[np.array([at])]).time[0])
        for at, row in enumerate(rows)
    ]
    assert together.tolist() == pytest.approx(alone, rel=1e-12)
