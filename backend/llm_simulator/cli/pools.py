"""Plans and pools as one writes them on a command line."""

from typing import Any

from llm_simulator.errors import InvalidInput

OF_A_POOL = ("instances", "max_batch_size")
"""What a pool has beside the degrees of its plan."""


def degrees_in(text: str, field: str) -> dict[str, int]:
    """``dp=4,tp=2`` as a mapping.

    >>> degrees_in("dp=4, tp=2", "plan")
    {'dp': 4, 'tp': 2}
    """
    try:
        pairs = [pair.split("=") for pair in text.split(",")]
        degrees = {name.strip(): int(degree) for name, degree in pairs}
    except ValueError as error:
        raise InvalidInput.at(field, f"write 'dp=4,tp=2,ep=8', not '{text}'") from error
    if len(degrees) < len(pairs):
        raise InvalidInput.at(field, f"says a degree twice: '{text}'")
    return degrees


def manual_pools(prefill: str | None, decode: str | None) -> dict[str, Any] | None:
    """Both pools as a request gives them; None where neither is given.

    >>> manual_pools("instances=2,tp=8", "dp=8,ep=8,max_batch_size=64")["prefill"]
    {'instances': 2, 'parallelism': {'tp': 8}}
    """
    if prefill is None and decode is None:
        return None
    if prefill is None or decode is None:
        missing = "prefill-pool" if prefill is None else "decode-pool"
        raise InvalidInput.at(
            missing, f"is needed beside the other: --{missing} 'instances=2,tp=8'"
        )
    return {
        "prefill": _pool(degrees_in(prefill, "prefill-pool")),
        "decode": _pool(degrees_in(decode, "decode-pool")),
    }


def _pool(figures: dict[str, int]) -> dict[str, Any]:
    own = {name: value for name, value in figures.items() if name in OF_A_POOL}
    degrees = {name: value for name, value in figures.items() if name not in OF_A_POOL}
    return own | {"parallelism": degrees}
