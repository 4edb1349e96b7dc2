"""Figures of a table that has one plan."""

import numpy as np

from llm_simulator.units import Count


def only(figure: Count) -> float:
    """The figure of the only plan; of several rows that of the first."""
    return float(np.ravel(figure)[0])
