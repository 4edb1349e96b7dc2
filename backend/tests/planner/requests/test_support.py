"""The support matrix of the shipped calibrations."""

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.planner.requests.calibrations import Subject
from llm_simulator.planner.requests.support import OTHER, Support, support_matrix


@pytest.fixture(scope="module")
def cells() -> dict[tuple[str | None, str | None, str | None], Support]:
    """Every cell by engine, chip and model."""
    matrix = support_matrix(builtin_catalogue().calibrations)
    return {(cell.engine, cell.chip, cell.model): cell for cell in matrix}


def test_a_measured_model_is_calibrated_with_its_own_runs(
    cells: dict[tuple[str | None, str | None, str | None], Support],
) -> None:
    cell = cells["trtllm", "h200-sxm", "deepseek-v3"]
    assert cell.provenance == "calibrated"
    assert cell.runs > 0
    assert cell.errors_of_model


def test_any_other_model_or_chip_is_transferred_and_without_an_engine_nothing_is(
    cells: dict[tuple[str | None, str | None, str | None], Support],
) -> None:
    assert cells["vllm", "h200-sxm", None].provenance == "transferred"
    assert cells["vllm", None, None].provenance == "transferred"
    assert cells["vllm", None, "qwen3-32b"].provenance == "transferred"
    assert cells[None, None, None].provenance == "first_principles"


def test_a_cell_says_what_a_prediction_there_rests_on(
    cells: dict[tuple[str | None, str | None, str | None], Support],
) -> None:
    calibrations = builtin_catalogue().calibrations
    for (engine, chip, model), cell in cells.items():
        case = Subject(engine=engine, chip=chip or OTHER, model=model or OTHER)
        assert cell.provenance == calibrations.calibration(case).provenance
