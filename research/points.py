"""``python -m research.points MEASUREMENTS.csv ...``: points of load and degrees, far apart.

Each is the run that lies farthest from those chosen before, the first the nearest to the middle;
distances are in the scales of ``specs/measured_points.py``. Prints its table.
"""

import argparse
from pathlib import Path

import numpy as np

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.cli.calibrate import measured_runs
from llm_simulator.planner.calibration.runs import runs_of
from llm_simulator.planner.specs.measured_points import AXES, POINTS, SCALES

CHOSEN = AXES[:-1]
"""All but pp, which no run has."""

Array = np.ndarray


def loads(paths: list[Path]) -> Array:
    """Every run's place on each axis, lengths to two digits; shape [axes, R]."""
    measured = [run for path in paths for run in measured_runs(path, None, None)]
    loop = runs_of(measured, builtin_catalogue()).loop
    lengths = [_two_digits(column) for column in (loop.prompt_tokens, loop.output_tokens)]
    degrees = [[getattr(run, name) for run in measured] for name in CHOSEN[3:]]
    return np.array([loop.requests, *lengths, *degrees], dtype=float)


def _two_digits(column: Array) -> Array:
    return np.array([float(f"{value:.2g}") for value in column])


def far_apart(places: Array, count: int) -> list[int]:
    """Columns of ``places`` [axes, R], each as far from those before as can be.

    >>> far_apart(np.array([[0.0, 1.0, 2.0, 9.0]]), 3)
    [2, 3, 0]
    """
    middle = places.mean(axis=1, keepdims=True)
    chosen = [int(np.argmin(((places - middle) ** 2).sum(axis=0)))]
    apart = np.full(places.shape[1], np.inf)
    while len(chosen) < count:
        apart = np.minimum(apart, ((places - places[:, chosen[-1:]]) ** 2).sum(axis=0))
        chosen.append(int(np.argmax(apart)))
    return chosen


def main() -> None:
    """Print the points, in order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurements", type=Path, nargs="+")
    places = np.unique(loads(parser.parse_args().measurements), axis=1)
    scales = np.array([SCALES[axis] for axis in CHOSEN])[:, None]
    chosen = far_apart(np.log(places) / scales, len(POINTS))
    for point in sorted(tuple(int(value) for value in places[:, run]) for run in chosen):
        print(f"    {point},")


if __name__ == "__main__":
    main()
