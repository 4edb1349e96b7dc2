"""``hf_quant_config.json``: what ModelOpt writes beside a ``config.json``, merged into it."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import nested

SIDE_FILE = "hf_quant_config"
"""Key under which a model object holds the side file's content."""


def with_side_file(config: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """The config with its side file as its ``quantization_config``, which it may not contradict.

    Newer checkpoints state the algorithm in both; the side file is the more complete one.
    """
    side = nested(config, SIDE_FILE, field)
    if not side:
        return {name: value for name, value in config.items() if name != SIDE_FILE}
    said = nested(side, "quantization", f"{field}.{SIDE_FILE}") or side
    stated = nested(config, "quantization_config", field)
    algorithms = {str(part.get("quant_algo")).upper() for part in (said, stated) if part}
    if stated.get("quant_algo") is not None and len(algorithms) > 1:
        raise InvalidInput.at(
            f"{field}.{SIDE_FILE}.quantization.quant_algo",
            f"is {said.get('quant_algo')}, but {stated['quant_algo']} in quantization_config",
        )
    if stated and stated.get("quant_method", "modelopt") != "modelopt":
        raise InvalidInput.at(
            f"{field}.{SIDE_FILE}",
            f"is ModelOpt's, but quantization_config is {stated['quant_method']}; keep one",
        )
    merged = {**stated, **said, "quant_method": "modelopt"}
    whole = {name: value for name, value in config.items() if name != SIDE_FILE}
    return whole | {"quantization_config": merged}
