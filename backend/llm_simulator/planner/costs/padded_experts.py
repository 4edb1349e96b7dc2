"""Experts in MXFP4, which vLLM's kernels keep padded to whole tiles.

gpt-oss, whose 2,880 columns are 22.5 times 128, is what it matters for: 6 to 14 % of the experts.
"""

from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.parameters import expert_weights
from llm_simulator.units import Count


@dataclass(frozen=True)
class Tiles:
    """What the sides of an expert's matrices are multiples of."""

    hidden: int
    """Inputs of gate and up."""
    columns: int
    """Outputs of gate and up on one rank."""
    inner_columns: int
    """Inputs of the down projection on one rank."""
    hidden_out: int
    """Outputs of the down projection."""


MARLIN = Tiles(256, 128, 128, 256)
TILES = {
    "ampere": MARLIN,
    "ampere-graphics": MARLIN,
    "ada": MARLIN,
    "blackwell-graphics": MARLIN,
    "hopper": Tiles(256, 64, 256, 1),
    "blackwell": Tiles(256, 256, 256, 256),
    "cdna-3": Tiles(128, 128, 128, 128),
    "cdna-4": Tiles(256, 256, 256, 256),
}
"""By family of chips, for the kernels that vLLM takes there by itself.

References: vLLM 0.11, model_executor/layers/quantization/mxfp4.py, ``create_weights`` (Marlin,
FlashInfer on Blackwell, Triton on CDNA). Hopper runs Triton, whose layout pads what is summed over
to 256 more: 64.38 GiB for gpt-oss-120b (vllm#33155), 7.01 on each of two for gpt-oss-20b
(llm-d-planner); Marlin has 65.97 (vllm#23278).
"""


def stored_expert_weights(deployment: Deployment, plans: PlanTable) -> Count:
    """Weights of one routed expert on one rank as they are kept, with their padding."""
    model, chip = deployment.model, deployment.chip
    tiles = TILES.get(chip.family or "")
    is_mxfp4 = deployment.formats.of(Module.ROUTED_EXPERTS).weight == Dtype.MXFP4
    if tiles is None or not is_mxfp4 or deployment.workload.engine != "vllm":
        return expert_weights(model, plans.moe_tp)
    return padded_expert_weights(model, plans.moe_tp, tiles)


def padded_expert_weights(model: ModelSpec, moe_tp: Count, tiles: Tiles) -> Count:
    """Weights of one routed expert whose sides are whole ``tiles``."""
    hidden, columns = model.expert_input_size, model.moe_intermediate_size / moe_tp
    up = _whole(hidden, tiles.hidden) * _whole(columns, tiles.columns)
    down = _whole(columns, tiles.inner_columns) * _whole(hidden, tiles.hidden_out)
    return model.up_matrices * up + down


def _whole(size: Count, tile: int) -> Count:
    """``size`` rounded up to whole tiles.

    >>> float(_whole(2880, 256))
    3072.0
    """
    return np.ceil(np.divide(size, tile)) * tile
