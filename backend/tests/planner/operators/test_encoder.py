"""The work of vision and audio encoders on prompts that bring images or sound."""

from dataclasses import replace

import numpy as np
import pytest

from llm_simulator.planner.costs.memory import resident_memory
from llm_simulator.planner.costs.step_cost import StepCostModel
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.messages import step_messages
from llm_simulator.planner.operators.step import Step, beside
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.breakdown import breakdown
from llm_simulator.planner.serving.steady_state import serving
from llm_simulator.planner.specs.encoder import encoder_weights
from llm_simulator.planner.specs.speculation import Speculation
from tests.deployments import (
    catalogued,
    decode_context,
    plan,
    prompt_context,
    served,
)
from tests.encoders import VISION, VOXTRAL, seeing
from tests.planner.operators.totals import total_bytes, total_flops


def test_flops_of_one_image_by_hand() -> None:
    context = prompt_context(seeing(images_per_request=1), length=4096)
    patches, tokens = 4096, 1024
    stem = 2 * patches * 1536 * 1024
    products = 24 * 2 * patches * (4 * 1024**2 + 2 * 1024 * 4096)
    attention = 24 * 4 * patches * patches * 1024
    norms = 24 * 10 * patches * 1024
    mergers = 4 * 2 * tokens * (4096 * 4096 + 4096 * 2048)
    assert total_flops(context, "encoder") == stem + products + attention + norms + mergers


def test_windows_shorten_what_a_patch_attends_to() -> None:
    windowed = VISION.model_copy(update={"window_size": 64, "num_window_layers": 20})
    full = seeing(images_per_request=1)
    narrow = replace(full, model=full.model.model_copy(update={"encoders": (windowed,)}))
    saved = 20 * 4 * 4096 * (4096 - 64) * 1024
    flops = [total_flops(prompt_context(d, length=4096), "encoder") for d in (full, narrow)]
    assert flops[0] - flops[1] == saved


def test_tiles_attend_within_themselves() -> None:
    tiled = VISION.model_copy(update={"attention_span": 1024})
    full = seeing(images_per_request=1)
    cut = replace(full, model=full.model.model_copy(update={"encoders": (tiled,)}))
    flops = [total_flops(prompt_context(d, length=4096), "encoder") for d in (full, cut)]
    assert flops[0] - flops[1] == 24 * 4 * 4096 * (4096 - 1024) * 1024


def test_images_of_a_prompt_are_encoded_once_whatever_its_chunks() -> None:
    deployed = seeing(images_per_request=2)
    whole = total_flops(prompt_context(deployed, length=4096), "encoder")
    one = total_flops(prompt_context(seeing(images_per_request=1), length=4096), "encoder")
    assert whole == 2 * one
    chunk = total_flops(prompt_context(deployed, length=4096, chunks=8), "encoder")
    assert 8 * chunk == whole


def test_images_in_the_prefix_cache_are_not_encoded() -> None:
    deployed = seeing(images_per_request=4)
    half = Step(np.ones(1), 4096, 1, np.zeros(1), 0.0, cached=2048)
    cached = total_flops(Context(deployed, plan(), half), "encoder")
    assert 2 * cached == total_flops(prompt_context(deployed, length=4096), "encoder")


def test_a_decode_step_runs_no_encoder() -> None:
    context = decode_context(seeing(images_per_request=2), requests=8, context=5000)
    assert total_flops(context, "encoder") == total_bytes(context, "encoder") == 0


def test_sound_runs_through_an_audio_tower() -> None:
    deployed = catalogued(
        "llama-3.2-3b",
        model_changes={"encoders": (VOXTRAL,)},
        input_seq_length=1000,
        audio_seconds_per_request=45.0,
    )
    frames = 3000
    stem = 2 * frames * (2 * 384 * 1280 + 3840 * 1280)
    products = 32 * 2 * frames * (4 * 1280**2 + 2 * 1280 * 5120)
    attention = 32 * 4 * frames * 1500 * 1280
    projector = 2 * 750 * (5120 * 3072 + 3072 * 3072)
    norms = 32 * 10 * frames * 1280
    context = prompt_context(deployed, length=1000)
    assert total_flops(context, "encoder") == stem + products + attention + projector + norms


def test_tensor_ranks_share_the_work_and_reduce_twice_a_layer() -> None:
    deployed = seeing(images_per_request=1)
    alone, shared = (prompt_context(deployed, length=4096, tp=tp) for tp in (1, 4))
    norms = 24 * 10 * 4096 * 1024
    flops = [total_flops(context, "encoder") - norms for context in (alone, shared)]
    assert flops[0] == 4 * flops[1]
    sent = [m for m in step_messages(shared) if m.operator == "encoder"]
    assert [(np.max(m.size), np.max(m.repeats)) for m in sent] == [
        (4096 * 1024 * 2, 48),
        (1024 * 2048 * 2, 4),
    ]


def test_ranks_with_images_of_their_own_hold_whole_towers_and_gather_tokens() -> None:
    single = seeing(images_per_request=1, encoder_data_parallel=True)
    several = seeing(images_per_request=4, encoder_data_parallel=True)
    whole = total_flops(prompt_context(single, length=4096), "encoder")
    four = prompt_context(several, length=4096, tp=4)
    assert total_flops(four, "encoder") == whole
    # A single image is not divided.
    assert total_flops(prompt_context(single, length=4096, tp=4), "encoder") == whole
    (sent,) = [m for m in step_messages(four) if m.operator == "encoder"]
    assert (sent.pattern, np.max(sent.size), np.max(sent.repeats)) == (
        "all_gather",
        1024 * 2048 * 2,
        4,
    )
    split, copied = (
        resident_memory(seeing(encoder_data_parallel=dealt), plan(tp=4)).weights
        for dealt in (False, True)
    )
    assert copied - split == 2 * (encoder_weights(VISION) - encoder_weights(VISION, 4))


def test_many_images_are_encoded_sooner_by_ranks_with_their_own() -> None:
    load = {"images_per_request": 16, "image_tokens": 256, "batch_size": 1}
    ttft = [
        float(served(seeing(encoder_data_parallel=dealt, **load), tp=4).ttft[0])
        for dealt in (False, True)
    ]
    assert ttft[1] < ttft[0]


def test_a_prompt_passes_the_tower_once_on_its_way_through_all_stages() -> None:
    deployed = seeing(images_per_request=1)
    staged = total_flops(prompt_context(deployed, length=4096, pp=4), "encoder")
    assert staged == total_flops(prompt_context(deployed, length=4096), "encoder")


def test_ttft_grows_with_images_and_tpot_of_one_request_does_not() -> None:
    loads = [seeing(batch_size=1, images_per_request=images) for images in (0, 1, 2, 4)]
    states = [served(deployed) for deployed in loads]
    ttft = [float(state.ttft[0]) for state in states]
    assert ttft == sorted(set(ttft))
    assert len({float(state.tpot[0]) for state in states}) == 1


def test_without_images_only_the_memory_changes() -> None:
    blind, able = catalogued("qwen3-1.7b", input_seq_length=4096), seeing()
    for figure in ("ttft", "tpot", "request_rate", "ideal_compute", "ideal_memory"):
        assert getattr(served(blind), figure) == getattr(served(able), figure)
    before, after = (resident_memory(d, plan(tp=2)) for d in (blind, able))
    assert after.weights - before.weights == 2 * encoder_weights(VISION, 2)
    assert after.activations == before.activations


def test_the_buffers_of_a_tower_count_where_they_are_larger() -> None:
    load = {"images_per_request": 64, "input_seq_length": 65_536, "max_batched_tokens": 65_536}
    images = resident_memory(seeing(**load), plan())
    assert images.activations == 64 * 4096 * (4 * 1024 + 4096) * 2


def test_the_breakdown_names_the_encoder_and_a_table_equals_its_rows() -> None:
    deployed = seeing(images_per_request=2)
    found = serving(deployed, plan(tp=2, pp=2))
    phase = breakdown(found).prefill
    assert phase.seconds[phase.operators.index("encoder")].sum() > 0
    assert phase.seconds.sum() == pytest.approx(float(found.ttft[0]))
    table = PlanTable(
        *(
            np.concatenate([getattr(plan(**degrees), name) for degrees in DEGREES])
            for name in ("dp", "tp", "pp", "ep", "sp", "moe_tp", "dcp")
        )
    )
    step = Step(np.ones(len(table)), 4096, 3, np.full(len(table), 7.0), 4500.0)
    together = StepCostModel(deployed, table).step_total(step).time
    for row, degrees in enumerate(DEGREES):
        one = StepCostModel(deployed, plan(**degrees)).step_total(step[np.array([row])])
        assert together[row] == pytest.approx(float(one.time[0]), rel=1e-12)
        parts = StepCostModel(deployed, plan(**degrees)).costs(beside(step[np.array([row])]))
        summed = parts.operators(0).seconds.sum(axis=(0, 1))
        assert summed[one.slowest[0], 0] == pytest.approx(float(one.time[0]), rel=1e-9)
        assert summed[-1, 0] == pytest.approx(float(one.through[0]), rel=1e-9)


DEGREES = ({"tp": 1}, {"tp": 2}, {"tp": 2, "pp": 2}, {"dp": 2, "tp": 4})


def test_a_draft_does_not_encode_images_again() -> None:
    drafting = Speculation(method="mtp", draft_tokens=2, acceptance_rate=0.7)
    loads = [seeing(images_per_request=1, speculative=s) for s in (None, drafting)]
    flops = [total_flops(prompt_context(d, length=4096), "encoder") for d in loads]
    assert flops[0] == flops[1]
