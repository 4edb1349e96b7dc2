"""Groups cross the tiers that their ranks' numbers say."""

import pytest

from llm_simulator.planner.plans.placement import (
    expert_group,
    pipeline_group,
    ranks_per_unit,
    sequence_group,
    tensor_group,
)
from tests.deployments import plan


def test_tensor_ranks_are_neighbours_and_pipeline_stages_farthest_apart():
    plans = plan(dp=4, tp=2, pp=2, sp=2, ep=16)
    assert tensor_group(plans).stride[0] == 1
    assert sequence_group(plans).stride[0] == 2
    assert expert_group(plans).ranks[0] == 16
    assert pipeline_group(plans).stride[0] == 16


@pytest.mark.parametrize(("tp", "dp", "per_board"), [(8, 8, 8), (16, 4, 8), (4, 16, 4), (2, 1, 2)])
def test_tensor_groups_fill_boards(tp, dp, per_board):
    plans = plan(tp=tp, dp=dp)
    assert ranks_per_unit(tensor_group(plans), 8, plans.chips)[0] == per_board


def test_a_group_that_would_straddle_boards_counts_only_its_aligned_part():
    plans = plan(sp=6, dp=4)
    assert ranks_per_unit(sequence_group(plans), 8, plans.chips)[0] == 2


def test_a_plan_that_fits_a_board_is_placed_there():
    plans = plan(sp=6)
    assert ranks_per_unit(sequence_group(plans), 8, plans.chips)[0] == 6
