"""What was asked, in one sentence, from the snapshot that is kept with a result."""

from collections.abc import Iterator, Mapping
from typing import Any

from llm_simulator.report.words import Words, limit_in

LIMITS = ("max_ttft_ms", "max_tpot_ms", "max_e2e_latency_ms", "min_request_rate")
TIERS = ("pods", "racks_per_pod", "boards_per_rack", "chips_per_board")


def question(request: Mapping[str, Any], words: Words) -> str:
    """Model, chips, load, limits and objective; what the request does not say is left out.

    >>> from llm_simulator.report.english import ENGLISH
    >>> asked = {"model": {"name": "m"}, "hardware": {"name": "c"}, "inference": {
    ...     "input_seq_length": 1024, "output_seq_length": 256, "max_tpot_ms": 30}}
    >>> question(asked, ENGLISH)
    'm on c; 1,024 tokens in, 256 out; TPOT at most 30 ms'
    """
    return words.separator.join([model_on_chip(request, words), *_details(request, words)])


def model_on_chip(request: Mapping[str, Any], words: Words) -> str:
    """What is served on what, in short."""
    model, chip, decoding = (
        _name(request.get(part)) for part in ("model", "hardware", "decode_hardware")
    )
    if decoding and decoding != chip:
        chip = words.two_chips.format(chip=chip or words.own_chip, decoding=decoding)
    return words.model_on_chip.format(model=model or words.own_model, chip=chip or words.own_chip)


def _details(request: Mapping[str, Any], words: Words) -> Iterator[str]:
    topology, load, search = (
        _mapping(request.get(part)) for part in ("topology", "inference", "search_constraints")
    )
    counts = [topology.get(tier) for tier in TIERS]
    name = topology.get("name")
    if all(isinstance(count, int) for count in counts):
        chips = 1
        for count in counts:
            chips *= int(count or 1)
        yield words.cluster.format(chips=f"{chips:,}", topology=name or words.own_topology)
    elif name:
        yield words.topology.format(topology=name)
    if load.get("input_seq_length") is not None:
        given, made = load["input_seq_length"], load.get("output_seq_length", 0)
        yield words.lengths.format(given=f"{given:,}", made=f"{made:,}")
    if search.get("batch_sizes") is not None:
        yield words.best_concurrency
    elif load.get("batch_size") is not None:
        yield words.in_flight.format(requests=f"{load['batch_size']:,}")
    for field in LIMITS:
        given = [value for place in (load, search) if (value := place.get(field)) is not None]
        if given:
            yield limit_in(words, field.removesuffix("_ms"), min(given))
    if search.get("objective"):
        yield words.ranked_by.format(objective=words.objective(str(search["objective"])))
    if load.get("engine"):
        yield words.served_by.format(engine=load["engine"])


def _name(part: object) -> str:
    given = part if isinstance(part, str) else _mapping(part).get("name")
    return str(given or "")


def _mapping(part: object) -> Mapping[str, Any]:
    return part if isinstance(part, Mapping) else {}
