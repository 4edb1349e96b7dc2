"""Fits what chips draw, and says how far off each combination is when it is left out.

    cd backend && PYTHONPATH=.. .venv/bin/python -m research.power [MORE.csv ...]

Lengths in the tables are means, and ``chip_watts`` the mean of one chip's own sensor.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.planner.calibration.measurement import measurement_of
from llm_simulator.planner.calibration.prediction import measured_deployment, measured_plan
from llm_simulator.planner.costs.power import chip_power
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.serving.steady_state import steady_state
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.units import Array

START = (1.0, 300.0)
"""Compute share and watts at 1 TB/s that the fit starts from."""


@dataclass(frozen=True)
class Run:
    """Measured watts of one chip, and how busy the product believes that chip to be."""

    combination: tuple[str, ...]
    chip: ChipSpec
    mfu: float
    mbu: float
    watts: float


def read_runs(path: Path, catalogue: Catalogue) -> list[Run]:
    """The runs of a table."""
    with path.open(encoding="utf-8") as lines:
        return [_run(row, catalogue) for row in csv.DictReader(lines)]


def _run(row: dict[str, str], catalogue: Catalogue) -> Run:
    # Power is fitted at what is predicted; what was measured of the latencies plays no part.
    measured = measurement_of(row | {"ttft_ms": "1", "tpot_ms": "1"})
    deployed = measured_deployment(measured, catalogue)
    served = steady_state(deployed, measured_plan(measured, deployed.model))
    combination = tuple(row[name] for name in ("model", "chip", "framework", "precision", "tp"))
    watts = float(row["chip_watts"])
    return Run(combination, deployed.chip, served.mfu.item(), served.mbu.item(), watts)


def predicted(coefficients: Array, runs: list[Run], catalogue: Catalogue) -> Array:
    """Watts of each run's chips at these two coefficients."""
    share, memory = coefficients
    economics = catalogue.economics.model_copy(
        update={"compute_power_share": share, "memory_power": memory}
    )
    return np.array([chip_power(economics, run.chip, run.mfu, run.mbu) for run in runs])


def fitted(runs: list[Run], catalogue: Catalogue) -> Array:
    """The two coefficients: least logarithmic error, each combination weighing its root."""
    watts = np.array([run.watts for run in runs])
    names = [run.combination for run in runs]
    weights = np.array([names.count(name) ** -0.5 for name in names])

    def errors(coefficients: Array) -> Array:
        return weights * np.log(predicted(coefficients, runs, catalogue) / watts)

    return least_squares(errors, START, x_scale=START, loss="soft_l1", f_scale=0.15).x


def main(paths: list[Path]) -> None:
    """Prints the coefficients and what is predicted for each combination without its runs."""
    catalogue = builtin_catalogue()
    runs = [run for path in paths for run in read_runs(path, catalogue)]
    share, memory = fitted(runs, catalogue)
    print(f"{len(runs)} runs: compute_power_share {share:.2f}, memory_power {memory:.0f} W")
    off: list[float] = []
    for name in sorted({run.combination for run in runs}):
        held_back = [run for run in runs if run.combination == name]
        others = [run for run in runs if run.combination != name]
        found = predicted(fitted(others, catalogue), held_back, catalogue)
        ratios = found / [run.watts for run in held_back]
        off += list(abs(ratios - 1))
        print(f"{' '.join(name):45}", *(f"{ratio:.2f}" for ratio in ratios))
    print(f"left out: mean {np.mean(off):.1%} off, median {np.median(off):.1%}")


main([Path(__file__).with_name("mlenergy.csv"), *map(Path, sys.argv[1:])])
