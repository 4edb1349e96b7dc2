"""Feasible points as lines of a CSV."""

import csv

import numpy as np
import pytest

from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.results.point_csv import points_csv

BODY = {
    "model": "llama-3.1-8b",
    "topology": "server-8",
    "hardware": "h100-sxm",
    "inference": {"input_seq_length": 256, "output_seq_length": 64},
}


def test_a_line_for_each_point_has_the_figures_of_the_columns():
    points = evaluate_request(BODY).points
    assert points is not None
    rows = [*csv.DictReader("".join(points_csv(points)).splitlines())]
    assert len(rows) == points.layout.points
    columns = points.columns()
    for name, column in columns.items():
        found = np.array([float(row[name]) for row in rows])
        assert found == pytest.approx(column.astype(float), rel=1e-5)
