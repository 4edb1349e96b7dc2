"""Hypothetical chips: each as if it were given as the hardware, and what the table says of them."""

import json
from typing import Any

import numpy as np
import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import InvalidInput
from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.evaluate import (
    CandidatesRequest,
    assemble,
    evaluate_chunk,
    layout,
    outcome_as_json,
    outcome_from_json,
    parse_request,
    stored_request,
)
from llm_simulator.planner.requests.candidates import FIGURES
from llm_simulator.planner.results.candidates import all_rows
from llm_simulator.planner.results.candidates_table import CandidateRow, CandidatesTable
from llm_simulator.planner.results.plan import Plan
from llm_simulator.planner.search import candidates as search

GRID = {
    "memory_bandwidth": [0.5, 1, 1.7],
    "peak_flops": [0.6, 1, 3],
    "link_bandwidth": ["100 GB/s", "450 GB/s", "1.8 TB/s"],
    "memory_capacity": [0.4, 1, "192 GB"],
    "price": ["1.5 USD/h", 1, 3],
}


def body(**changes: Any) -> dict[str, Any]:
    return {
        "topology": "pod-64",
        "model": "llama-3.1-70b",
        "hardware": "h100-sxm",
        "inference": {"input_seq_length": 1024, "output_seq_length": 256, "engine": "vllm"},
        "search_constraints": {"max_chips": 16},
        **changes,
    }


def request_of(data: dict[str, Any]) -> CandidatesRequest:
    found = parse_request(data, builtin_catalogue())
    assert isinstance(found, CandidatesRequest)
    return found


def table_of(data: dict[str, Any]) -> CandidatesTable:
    table = evaluate_request(data).candidates
    assert table is not None
    return table


def as_hardware(asked: dict[str, Any], row: Any) -> dict[str, Any]:
    """The request for one candidate with its chip written out as hardware."""
    base = parse_request({k: v for k, v in asked.items() if k != "candidates"}, builtin_catalogue())
    snapshot = json.loads(json.dumps(base.snapshot()))
    chip, links = snapshot["hardware"], snapshot["topology"]["links"]
    faster = float(row["peak_flops"]) / chip["peak_flops"]["bf16"]
    chip["peak_flops"] = {unit: flops * faster for unit, flops in chip["peak_flops"].items()}
    chip["peak_flops"]["bf16"] = float(row["peak_flops"])
    chip["memory_bandwidth"] = float(row["memory_bandwidth"])
    chip["memory_capacity"] = float(row["memory_capacity"])
    own = links["c2c"]["bandwidth"]
    for link in links.values():
        if link["bandwidth"] == own:
            link["bandwidth"] = float(row["link_bandwidth"])
    economics = {**(asked.get("economics") or {}), "chip_usd_per_hour": float(row["price"])}
    return {
        **{k: v for k, v in asked.items() if k != "candidates"},
        "hardware": chip,
        "topology": snapshot["topology"],
        "economics": economics,
    }


def same(row: Any, plan: Plan, output: int) -> None:
    """That a row and a plan have the same figures, to the last bit."""
    degrees = plan.parallelism.model_dump()
    assert {name: int(row[name]) for name in degrees} == degrees
    assert (int(row["chips"]), int(row["batch_size"])) == (plan.chips, plan.batch_size)
    assert float(row["score"]) == plan.score
    assert float(row["ttft"]) / 1e-3 == plan.ttft
    assert float(row["tpot"]) / 1e-3 == plan.tpot
    assert float(row["request_rate"]) * output == plan.throughput


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"search_constraints": {"max_chips": 16, "objective": "cost"}},
        {
            "search_constraints": {
                "max_chips": 16,
                "max_tpot_ms": 20,
                "max_e2e_latency_ms": 6000,
                "min_request_rate": 3,
                "objective": "chips",
            }
        },
        {"search_constraints": {"max_chips": 16, "risk": "cautious", "max_ttft_ms": 900}},
        {
            "model": "deepseek-v3",
            "inference": {
                "input_seq_length": 2048,
                "output_seq_length": 128,
                "engine": "sglang",
                "two_batch_overlap": True,
            },
            "search_constraints": {"max_chips": 16, "objective": "throughput"},
        },
    ],
)
def test_a_candidate_is_what_the_chip_is_as_hardware(changes: dict[str, Any]) -> None:
    asked = body(candidates={"grid": GRID}, **changes)
    rows = all_rows(request_of(asked))
    chosen = np.random.default_rng(7).choice(len(rows), 8, replace=False)
    for row in rows[chosen]:
        result = evaluate_request(as_hardware(asked, row))
        assert bool(row["feasible"]) == bool(result.top_k_plans)
        if result.top_k_plans:
            same(row, result.top_k_plans[0], asked["inference"]["output_seq_length"])


def test_a_grid_runs_over_its_last_figure_fastest() -> None:
    rows = all_rows(request_of(body(candidates={"grid": GRID})))
    assert rows["number"].tolist() == list(range(3**5))
    columns = [np.unique(rows[name]) for name in FIGURES]
    expected = np.stack([each.ravel() for each in np.meshgrid(*columns, indexing="ij")], axis=1)
    assert np.array_equal(np.stack([rows[name] for name in FIGURES], axis=1), expected)


def test_a_list_says_the_same_as_a_grid() -> None:
    grid = {"memory_bandwidth": [1, 2], "memory_capacity": [1, 2]}
    listed = [
        {"name": f"{b} {c}", "memory_bandwidth": b, "memory_capacity": c}
        for c in (2, 1)
        for b in (1, 2)
    ]
    of_grid = table_of(body(candidates={"grid": grid}))
    of_list = table_of(body(candidates={"list": listed}))
    assert [row.name for row in of_list.rows] == ["1 2", "2 2", "1 1", "2 1"]
    alike = [of_list.rows[place].score for place in (2, 0, 3, 1)]
    assert alike == [row.score for row in of_grid.rows]


def test_nothing_beats_what_stands_on_the_front() -> None:
    shares = {"memory_bandwidth": 0.2, "peak_flops": 0.4, "memory_capacity": 0.3}
    grid = {
        "memory_bandwidth": "1..3 step 0.5",
        "peak_flops": [1, 2],
        "memory_capacity": "80, 141, 192 GB",
    }
    asked = body(
        candidates={"grid": grid, "price_shares": shares}, search_constraints={"max_tpot_ms": 40}
    )
    table = table_of(asked)
    assert table.front_by == ["tps_per_chip", "usd_per_million_output_tokens"]
    known = {row.number: row for row in table.rows if row.feasible}
    front = [known[number] for number in table.front]

    def beats(one: CandidateRow, other: CandidateRow) -> bool:
        pairs = (
            (one.tps_per_chip or 0, other.tps_per_chip or 0),
            (
                -(one.usd_per_million_output_tokens or 0),
                -(other.usd_per_million_output_tokens or 0),
            ),
        )
        return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)

    assert len(front) > 1
    assert not any(beats(row, kept) for row in known.values() for kept in front)
    assert all(
        any(beats(kept, row) or _equal(kept, row) for kept in front) for row in known.values()
    )
    assert known[table.cheapest or 0].usd_per_million_output_tokens == min(
        row.usd_per_million_output_tokens or 0 for row in known.values()
    )


def _equal(one: CandidateRow, other: CandidateRow) -> bool:
    return (one.tps_per_chip, one.usd_per_million_output_tokens) == (
        other.tps_per_chip,
        other.usd_per_million_output_tokens,
    )


def test_a_candidate_wins_just_below_its_price() -> None:
    asked = body(
        economics={"hourly_overhead": 0.25}, candidates={"grid": {"memory_bandwidth": [1.5, 2.5]}}
    )
    table = table_of(asked)
    assert table.base is not None
    for row in table.rows:
        assert row.wins_below is not None
        for change, wins in ((0.99, True), (1.01, False)):
            price = row.wins_below * change - 0.25
            listed = [
                {"memory_bandwidth": f"{row.memory_bandwidth:.0f} B/s", "price": f"{price} USD/h"}
            ]
            [moved] = table_of({**asked, "candidates": {"list": listed}}).rows
            cost, base = (
                moved.usd_per_million_output_tokens,
                table.base.usd_per_million_output_tokens,
            )
            assert cost is not None
            assert base is not None
            assert (cost < base) is wins


def test_what_is_worth_raising_is_what_raising_it_brings() -> None:
    table = table_of(body(candidates={"grid": {"memory_capacity": [1, 2]}}))
    assert {each.figure for each in table.worth} == set(FIGURES) - {"price"}
    raised = table_of(
        body(
            candidates={
                "list": [{each.figure: factor} for each in table.worth for factor in (1.1, 2)]
            }
        )
    )
    assert table.base is not None
    base = table.base.score or 0.0
    gains = [100 * ((row.score or 0.0) / base - 1) for row in raised.rows]
    assert [each.ten_percent for each in table.worth] == gains[::2]
    assert [each.doubled for each in table.worth] == gains[1::2]
    assert gains[1::2] == sorted(gains[1::2], reverse=True)
    assert "memory bandwidth" in (table.worth_sentence or "")


def test_blocks_and_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = body(candidates={"grid": GRID}, search_constraints={"max_chips": 16, "max_tpot_ms": 25})
    whole = evaluate_request(asked)
    monkeypatch.setattr(search, "BLOCK", 700)
    monkeypatch.setattr(search, "CHUNK", 5_000)
    search.candidate_search.cache_clear()
    request = request_of(asked)
    stored = stored_request(json.loads(json.dumps(request.snapshot())), builtin_catalogue())
    chunks = layout(stored).chunks
    assert len(chunks) > 10
    outcomes = [evaluate_chunk(stored, chunk) for chunk in reversed(chunks)]
    travelled = [outcome_from_json(json.loads(json.dumps(outcome_as_json(o)))) for o in outcomes]
    assert assemble(stored, travelled).candidates == whole.candidates
    partial = assemble(stored, travelled[-3:]).candidates
    assert partial is not None
    assert partial.base is None
    assert partial.worth_sentence is None
    search.candidate_search.cache_clear()


def test_of_many_the_front_and_some_are_shown() -> None:
    grid = {"memory_bandwidth": "1..2 count 3", "price": "0.5..2 count 1000"}
    table = table_of(body(candidates={"grid": grid}))
    assert (table.total, table.feasible) == (3_000, 3_000)
    assert 1_000 <= len(table.rows) <= 1_010
    numbers = {row.number for row in table.rows}
    assert {*table.front, table.best, table.cheapest} <= numbers


def test_the_plans_are_those_of_the_best_candidate() -> None:
    asked = body(candidates={"grid": {"memory_bandwidth": [1, 2], "price": [1, 2]}})
    result = evaluate_request(asked)
    assert result.candidates is not None
    best = next(row for row in result.candidates.rows if row.number == result.candidates.best)
    assert best.score == result.top_k_plans[0].score
    economics = result.top_k_plans[0].economics
    assert economics is not None
    cost = economics.usd_per_million_output_tokens
    assert cost == pytest.approx(best.usd_per_million_output_tokens, rel=1e-12)
    assert [warning.code for warning in result.warnings].count("hypothetical_chips") == 1


def test_a_chip_on_which_nothing_fits_says_so() -> None:
    table = table_of(
        body(
            candidates={"grid": {"memory_capacity": ["6 GB", 1]}},
            search_constraints={"max_chips": 16, "max_tpot_ms": 30},
        )
    )
    small, whole = table.rows
    assert (small.feasible, small.reason_code, small.score) == (False, "memory", None)
    assert whole.feasible
    assert table.best == 1
    assert table.feasible == 1
    strict = table_of(
        body(
            candidates={"grid": {"memory_capacity": [1, 2]}},
            search_constraints={"max_chips": 16, "max_tpot_ms": 0.01},
        )
    )
    assert [row.reason_code for row in strict.rows] == ["limits", "limits"]
    assert strict.best is None
    assert strict.front == []
    assert strict.cheapest is None


@pytest.mark.parametrize(
    ("candidates", "field"),
    [
        ({}, "candidates"),
        ({"grid": {}, "list": []}, "candidates"),
        ({"grid": {}}, "candidates.grid"),
        ({"grid": {"bandwidth": [1]}}, "candidates.grid.bandwidth"),
        ({"grid": {"memory_bandwidth": ["4 TFLOP/s"]}}, "candidates.grid.memory_bandwidth[0]"),
        ({"grid": {"memory_bandwidth": [0]}}, "candidates.grid.memory_bandwidth[0]"),
        ({"grid": {"memory_bandwidth": [True]}}, "candidates.grid.memory_bandwidth[0]"),
        ({"grid": {"price": ["3 GB"]}}, "candidates.grid.price[0]"),
        ({"grid": dict.fromkeys(FIGURES, "1..2 count 100")}, "candidates.grid"),
        ({"grid": dict.fromkeys(FIGURES[:3], "1..2 count 60")}, "candidates.grid"),
        ({"list": []}, "candidates.list"),
        ({"list": [{"memory_bandwidth": 2}, 3]}, "candidates.list[1]"),
        ({"list": [{"price": -1}]}, "candidates.list[0].price"),
        ({"list": [{}] * 10_001}, "candidates.list"),
        ({"grid": {"price": [1]}, "price_shares": {"price": 1}}, "candidates.price_shares.price"),
        (
            {"grid": {"price": [1]}, "price_shares": {"peak_flops": 0.7, "memory_capacity": 0.7}},
            "candidates.price_shares",
        ),
    ],
)
def test_an_error_names_the_field(candidates: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        request_of(body(candidates=candidates))
    assert [problem.field for problem in error.value.problems] == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sweep": ["chip.memory_bandwidth=2..4 TB/s step 1"]}, "sweep"),
        ({"search_constraints": {"serving": "both"}}, "search_constraints.serving"),
        (
            {"search_constraints": {"pareto": ["cost", "throughput"]}},
            "search_constraints.pareto",
        ),
    ],
)
def test_what_does_not_go_with_candidates_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        request_of(body(candidates={"grid": {"memory_bandwidth": [2]}}, **changes))
    assert [problem.field for problem in error.value.problems] == [field]


def test_without_a_price_latency_stands_in_its_place() -> None:
    chip = {"base": "h100-sxm", "name": "unpriced", "price_usd_per_hour": None}
    asked = body(hardware=chip, candidates={"grid": {"memory_bandwidth": [1, 2]}})
    table = table_of(asked)
    assert table.front_by == ["tps_per_chip", "tpot"]
    assert table.cheapest is None
    assert table.rows[0].wins_below is None
    with pytest.raises(InvalidInput, match="has no price"):
        request_of({**asked, "candidates": {"grid": {"price": [1, 2]}}})
