"""What a task was asked, in short: enough to tell rows of a list apart."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from llm_simulator.planner.specs.search import Objective, Risk

LIMITS = ("max_ttft_ms", "max_tpot_ms", "max_e2e_latency_ms")
TIERS = ("pods", "racks_per_pod", "boards_per_rack", "chips_per_board")


def asked(request: Mapping[str, Any]) -> dict[str, Any]:
    """The question of a stored request, as ``schemas.tasks.Asked`` shows it.

    What a sweep varies is left open.

    >>> load = {"input_seq_length": 4096, "output_seq_length": 1024}
    >>> swept = asked({"inference": load, "sweep": [{"field": "inference.input_seq_length"}]})
    >>> swept["input_tokens"], swept["output_tokens"], swept["sweep"]
    (None, 1024, ['inference.input_seq_length'])
    """
    sweep = [str(axis["field"]) for axis in request.get("sweep") or () if "field" in axis]
    for field in sweep:
        request = _without(request, field)
    load, search = _part(request, "inference"), _part(request, "search_constraints")
    concurrencies = _concurrencies(load, search)
    traffic = _part(load, "traffic")
    return {
        "chip": _part(request, "hardware").get("name"),
        "decode_chip": _part(request, "decode_hardware").get("name"),
        "chips": _chips(_part(request, "topology"), search.get("max_chips")),
        "input_tokens": load.get("input_seq_length"),
        "output_tokens": load.get("output_seq_length"),
        "least_concurrency": min(concurrencies, default=None),
        "most_concurrency": max(concurrencies, default=None),
        "request_rate": traffic.get("request_rate"),
        **{name: _stricter(search.get(name), load.get(name)) for name in LIMITS},
        "limit_percentile": search.get("limit_percentile"),
        "min_request_rate": search.get("min_request_rate"),
        "engine": load.get("engine"),
        "serving": search.get("serving") or "aggregated",
        "objective": search.get("objective") or Objective.THROUGHPUT,
        "risk": search.get("risk") or Risk.MEAN,
        "sweep": sweep,
        "hypothetical": request.get("candidates") is not None,
    }


def words_of(question: Mapping[str, Any]) -> list[str]:
    """What of a question is searched beside the names of its model, chip and topology.

    >>> words_of(asked({"topology": dict.fromkeys(TIERS, 2), "inference": {"engine": "vllm"}}))
    ['16x', 'vllm']
    >>> words_of(asked({"inference": {"input_seq_length": 4096, "output_seq_length": 1000}}))
    ['4k in', '1000 out']
    """
    chips, read, written = (question[n] for n in ("chips", "input_tokens", "output_tokens"))
    words = (
        chips and f"{chips}x{question['chip'] or ''}",
        question["decode_chip"],
        read and f"{_short(read)} in",
        written and f"{_short(written)} out",
        question["engine"],
        *question["sweep"],
    )
    return [word for word in words if word]


def _without(request: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    part, _, name = field.partition(".")
    part = "hardware" if part == "chip" else part
    rest = {key: value for key, value in _part(request, part).items() if key != name}
    return {**request, part: rest if name else None}


def _part(request: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = request.get(name)
    return part if isinstance(part, Mapping) else {}


def _concurrencies(load: Mapping[str, Any], search: Mapping[str, Any]) -> Sequence[int]:
    """The concurrencies to try; none where those that suit each plan are looked for."""
    sizes = search.get("batch_sizes")
    if isinstance(sizes, str):
        return ()
    if sizes:
        return tuple(sizes)
    own = load.get("batch_size")
    return () if own is None else (own,)


def _chips(topology: Mapping[str, Any], most: int | None) -> int | None:
    """The chips that may be used; None where a sweep varies how many there are."""
    sizes = [size for name in TIERS if isinstance(size := topology.get(name), int)]
    if len(sizes) < len(TIERS):
        return most
    return prod(sizes) if most is None else min(prod(sizes), most)


def _stricter(*limits: float | None) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _short(tokens: int) -> str:
    """1,024 as "1k", as people write lengths."""
    return f"{tokens // 1024}k" if tokens % 1024 == 0 else str(tokens)
