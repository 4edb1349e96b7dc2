"""The schedule: worked by hand, and identical to a plain reference on whatever is drawn."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_simulator.planner.serving.simulation.engine import Engine, simulate, steps_until
from llm_simulator.planner.serving.simulation.requests import Requests
from tests.planner.serving.simulation.laws import affine_law
from tests.planner.serving.simulation.reference import reference


def requests_of(*rows, cached=0):
    """Requests of (arrival, prompt, output)."""
    arrival, prompt, output = (np.array(column) for column in zip(*rows, strict=True))
    return Requests(arrival.astype(float), prompt, np.minimum(cached, prompt - 1), output)


def engine_of(places=100, token_budget=1000, cache_blocks=10_000):
    return Engine(places, token_budget, cache_blocks)


def test_a_lone_request_decodes_step_by_step():
    """Prompt: 1 s + 10 tokens x 0.1 s. Then steps with 11 and 12 tokens of context."""
    law = affine_law(start=1.0, per_prompt_token=0.1, per_context=0.01)
    line = simulate(engine_of(), law, requests_of((5.0, 10, 3)))
    assert line.first_token == pytest.approx([7.0])
    assert line.finish == pytest.approx([7.0 + 1.11 + 1.12])


def test_a_prompt_beyond_the_budget_takes_several_steps():
    """Budget 4: chunks of 4, 4 and 2 tokens; pairs 10, 26 and 19 (1 + 2 + ... + 10 = 55)."""
    law = affine_law(start=1.0, per_pair=0.1)
    line = simulate(engine_of(places=4, token_budget=4), law, requests_of((0.0, 10, 1)))
    assert line.first_token == pytest.approx([3.0 + 5.5])


def test_decoding_requests_come_first_and_leave_the_rest_of_the_budget():
    """Beside one decoding request, a budget of 4 leaves 3 tokens: a prompt of 6 takes two steps."""
    law = affine_law(start=1.0)
    rows = requests_of((0.0, 1, 9), (1.0, 6, 1))
    line = simulate(engine_of(places=4, token_budget=4), law, rows)
    assert line.first_token == pytest.approx([1.0, 3.0])


def test_several_prompts_share_a_step():
    law = affine_law(start=1.0)
    line = simulate(engine_of(), law, requests_of(*[(0.0, 10, 2)] * 3))
    assert line.first_token == pytest.approx([1.0] * 3)
    assert line.finish == pytest.approx([2.0] * 3)


def test_who_finds_the_cache_full_waits_for_an_end():
    """Two blocks hold one request of 32 tokens; the others come one after the other."""
    law = affine_law(start=1.0)
    rows = requests_of(*[(0.0, 28, 4)] * 3)
    line = simulate(engine_of(cache_blocks=2), law, rows)
    assert line.admission == pytest.approx([0.0, 4.0, 8.0])
    assert line.finish == pytest.approx([4.0, 8.0, 12.0])


def test_the_first_in_the_queue_holds_up_smaller_ones():
    law = affine_law(start=1.0)
    rows = requests_of((0.0, 28, 4), (0.0, 44, 4), (0.0, 1, 1))
    line = simulate(engine_of(cache_blocks=3), law, rows)
    assert line.admission == pytest.approx([0.0, 4.0, 8.0])


def test_cached_tokens_are_not_computed_but_attended_to():
    """Of 10 tokens 8 are cached: the last two attend to 9 and 10 tokens."""
    law = affine_law(start=1.0, per_prompt_token=1.0, per_pair=0.1)
    line = simulate(engine_of(), law, requests_of((0.0, 10, 1), cached=8))
    assert line.first_token == pytest.approx([1.0 + 2.0 + 1.9])


def test_who_arrives_during_a_stretch_enters_at_the_end_of_a_step():
    law = affine_law(start=1.0)
    line = simulate(engine_of(), law, requests_of((0.0, 1, 100), (7.3, 1, 1)))
    assert line.admission[1] == pytest.approx(8.0)
    assert line.first_token[1] == pytest.approx(9.0)


def test_a_place_is_taken_again_at_once_in_a_closed_loop():
    law = affine_law(start=1.0)
    rows = requests_of((0.0, 1, 3), (inf, 1, 3), (inf, 1, 3))
    line = simulate(engine_of(), law, rows)
    assert line.arrival == pytest.approx([0.0, 3.0, 6.0])
    assert line.finish == pytest.approx([3.0, 6.0, 9.0])


def test_an_idle_engine_jumps_to_the_next_arrival():
    line = simulate(engine_of(), affine_law(), requests_of((0.0, 1, 1), (1e6, 1, 1)))
    assert line.finish == pytest.approx([1.0, 1e6 + 1.0])


def test_more_places_than_tokens_per_step_are_refused():
    with pytest.raises(ValueError, match="5 places"):
        Engine(places=5, token_budget=4, cache_blocks=1)


@given(st.floats(0, 1e4), st.floats(1e-3, 10), st.floats(0, 1))
def test_steps_until_is_the_first_step_that_reaches_the_moment(wait, first, share):
    growth = share * first
    steps = steps_until(wait, first=first, growth=growth)

    def after(k):
        return k * first + growth * k * (k - 1) / 2

    assert after(steps) >= wait * (1 - 1e-9)
    assert steps == 1 or after(steps - 1) <= wait * (1 + 1e-9)


@st.composite
def cases(draw, lags=(0.0, 0.7)):
    """Any law, engine and requests: all arrival patterns, tight budgets, places and caches."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    places = draw(st.integers(1, 12))
    law = affine_law(
        start=random.uniform(0.5, 2),
        per_request=random.uniform(0, 0.3),
        per_context=random.uniform(0, 0.01),
        per_prompt_token=random.uniform(0, 0.1),
        per_pair=random.uniform(0, 0.001),
        lag=draw(st.sampled_from(lags)),
        places=places,
    )
    count = draw(st.integers(1, 40))
    prompt = random.integers(1, draw(st.sampled_from([2, 60])), count, endpoint=True)
    output = random.integers(1, draw(st.sampled_from([1, 5, 80])), count, endpoint=True)
    rows = Requests(
        arrival=_arrivals(draw, random, count),
        prompt=prompt,
        cached=np.minimum(random.integers(0, draw(st.sampled_from([1, 40])), count), prompt - 1),
        output=output,
    )
    largest = int(-(-rows.total.max() // 16))
    engine = Engine(
        places=places,
        token_budget=draw(st.integers(places, 64)),
        cache_blocks=draw(st.integers(largest, largest * 5)),
    )
    return engine, law, rows


def _arrivals(draw, random, count):
    kind = draw(st.sampled_from(["closed", "poisson", "bursty", "at once"]))
    if kind == "closed":
        slots = draw(st.integers(1, count))
        return np.where(np.arange(count) < slots, 0.0, inf)
    if kind == "at once":
        return np.full(count, random.uniform(0, 5))
    shape = 1.0 if kind == "poisson" else 0.1
    return np.cumsum(random.gamma(shape, draw(st.sampled_from([0.3, 5.0, 50.0])) / shape, count))


@given(cases())
@settings(max_examples=400, deadline=None)
def test_the_schedule_is_that_of_the_plain_reference(case):
    engine, law, rows = case
    line, plain = simulate(engine, law, rows), reference(engine, law, rows)
    assert line.arrival == pytest.approx([r.arrival for r in plain], rel=1e-9)
    assert line.admission == pytest.approx([r.admission for r in plain], rel=1e-9)
    assert line.first_token == pytest.approx([r.tokens[0] for r in plain], rel=1e-9)
    assert line.finish == pytest.approx([r.tokens[-1] for r in plain], rel=1e-9)
    assert sum(line.stretch_gaps) == sum(r.output - 1 for r in plain)


@given(cases(lags=(0.0,)))
@settings(max_examples=50, deadline=None)
def test_the_gaps_between_tokens_add_up(case):
    line = simulate(*case)
    gaps = sum(n * mean for n, mean in zip(line.stretch_gaps, line.stretch_mean, strict=True))
    expected = sum(np.array(line.finish) - np.array(line.first_token))
    assert gaps == pytest.approx(expected, rel=1e-9)
