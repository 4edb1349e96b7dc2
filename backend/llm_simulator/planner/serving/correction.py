"""What measured runs add to the formulas: a factor that depends on load and plan only.

It never depends on a figure of the hardware, so faster hardware stays faster.
"""

from collections.abc import Sequence

import numpy as np

from llm_simulator.planner.specs.calibration import MEASURED_INPUT, MEASURED_OUTPUT
from llm_simulator.units import Array, Count

FEATURES = (
    "one",
    "requests",
    "requests_squared",
    "input",
    "output",
    "tensor_parallel",
    "attention_dp",
    "expert_parallel",
    "input_requests",
    "output_requests",
    "tensor_parallel_requests",
    "input_squared",
    "output_squared",
    "input_output",
    "tensor_parallel_squared",
)
"""What the coefficients of a correction belong to; logarithms about the middle of public runs."""

# Requests per rank and ranks of public runs: beyond them a correction stays what it is.
REQUESTS, TENSOR_PARALLEL = (4, 2048), (1, 8)


def features(
    *,
    requests: Count,
    input_tokens: Count,
    output_tokens: Count,
    tensor_parallel: Count,
    attention_dp: Count,
    expert_parallel: Count,
) -> Array:
    """The features of loads and plans; shape [features, P]."""
    r = (_log(requests, REQUESTS) - 3.0) / 1.5
    i = (_log(input_tokens, MEASURED_INPUT) - 7.3) / 1.2
    o = (_log(output_tokens, MEASURED_OUTPUT) - 6.8) / 1.2
    t = _log(tensor_parallel, TENSOR_PARALLEL)
    shares, experts = np.minimum(attention_dp - 1, 1), np.minimum(expert_parallel - 1, 1)
    columns = (1.0, r, r * r, i, o, t, shares, experts, i * r, o * r, t * r, i * i, o * o, i * o)
    return np.stack(np.broadcast_arrays(*columns, t * t)).astype(float)


def _log(value: Count, measured: tuple[int, int]) -> Array:
    return np.log(np.clip(value, *measured))


def correction(coefficients: Sequence[float], columns: Array) -> Array:
    """Measured over predicted of every plan; 1 without coefficients; shape [P].

    >>> correction((), np.ones((len(FEATURES), 2)))
    array([1., 1.])
    """
    total = np.zeros(columns.shape[1])
    # Term by term: a matrix product may round differently in tables of different lengths.
    for coefficient, column in zip(coefficients, columns, strict=False):
        total += coefficient * column
    return np.exp(total)
