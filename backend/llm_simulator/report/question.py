"""What was asked, in one sentence, from the snapshot that is kept with a result."""

from collections.abc import Iterator, Mapping
from typing import Any

LIMITS = {"max_ttft_ms": "TTFT", "max_tpot_ms": "TPOT", "max_e2e_latency_ms": "end-to-end latency"}
TIERS = ("pods", "racks_per_pod", "boards_per_rack", "chips_per_board")


def question(request: Mapping[str, Any]) -> str:
    """Model, chips, load, limits and objective; what the request does not say is left out.

    >>> asked = {"model": {"name": "m"}, "hardware": {"name": "c"}, "inference": {
    ...     "input_seq_length": 1024, "output_seq_length": 256, "max_tpot_ms": 30}}
    >>> question(asked)
    'm on c; 1,024 tokens in, 256 out; TPOT at most 30 ms'
    """
    model, chip, decoding = (
        _name(request.get(part)) for part in ("model", "hardware", "decode_hardware")
    )
    pair = f"{chip} and {decoding}" if decoding and decoding != chip else chip
    return "; ".join([f"{model or 'own model'} on {pair or 'own chip'}", *_details(request)])


def _details(request: Mapping[str, Any]) -> Iterator[str]:
    topology, load, search = (
        _mapping(request.get(part)) for part in ("topology", "inference", "search_constraints")
    )
    counts = [topology.get(tier) for tier in TIERS]
    if all(isinstance(count, int) for count in counts):
        chips = 1
        for count in counts:
            chips *= int(count or 1)
        yield f"a cluster of {chips:,} ({topology.get('name') or 'own topology'})"
    elif topology.get("name"):
        yield f"topology {topology['name']}"
    if load.get("input_seq_length") is not None:
        yield f"{load['input_seq_length']:,} tokens in, {load.get('output_seq_length', 0):,} out"
    if search.get("batch_sizes") is not None:
        yield "the best concurrency searched"
    elif load.get("batch_size") is not None:
        yield f"{load['batch_size']:,} requests in flight"
    for field, name in LIMITS.items():
        given = [value for place in (load, search) if (value := place.get(field)) is not None]
        if given:
            yield f"{name} at most {min(given):g} ms"
    if search.get("min_request_rate") is not None:
        yield f"at least {search['min_request_rate']:g} requests/s"
    if search.get("objective"):
        yield f"ranked by {str(search['objective']).replace('_', ' ')}"
    if load.get("engine"):
        yield f"served by {load['engine']}"


def _name(part: object) -> str:
    given = part if isinstance(part, str) else _mapping(part).get("name")
    return str(given or "")


def _mapping(part: object) -> Mapping[str, Any]:
    return part if isinstance(part, Mapping) else {}
