r"""By how many percent figures of a plan change per percent of a hardware figure, either way.

Differences of logarithms from the deployment upwards and downwards,

.. math:: e_\pm = \frac{\ln f(x\,(1 \pm h)) - \ln f(x)}{\ln(1 \pm h)}

agree where the figure has a slope. Where they don't, it bends there (another collective becomes the
faster one, a pool the narrower one), and what exceeds any slope is a step.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from llm_simulator.units import Array

STEEPEST = 2.0
"""Percent per percent: all hardware together makes 1, so no single figure has such a slope."""
BEND = 0.05
"""Percent per percent by which both ways differ where it is worth a word."""


@dataclass(frozen=True)
class Elasticities:
    """Percent of each metric per percent of each figure; shape [figures, metrics]."""

    more: Array
    """With a little more of the figure."""
    less: Array
    """With a little less."""
    step: float
    """How little: h."""

    @cached_property
    def is_step(self) -> NDArray[np.bool_]:
        """Where a metric jumps."""
        return np.asarray(np.maximum(np.abs(self.more), np.abs(self.less)) > STEEPEST)

    @cached_property
    def is_bend(self) -> NDArray[np.bool_]:
        """Where both ways differ without a step."""
        return np.asarray((np.abs(self.more - self.less) > BEND) & ~self.is_step)

    @cached_property
    def slope(self) -> Array:
        """Both ways together; beside a step that of the other way.

        >>> beside = Elasticities(np.array([[-190.0, 0.2]]), np.array([[0.1, 0.4]]), step=1e-3)
        >>> beside.slope.round(3).tolist()
        [[0.1, 0.3]]
        """
        up, down = np.log1p(self.step), -np.log1p(-self.step)
        central = (self.more * up + self.less * down) / (up + down)
        flatter = np.where(np.abs(self.more) < np.abs(self.less), self.more, self.less)
        return np.where(self.is_step, flatter, central)

    @property
    def jump(self) -> Array:
        """By how many percent a metric changes with a step of the figure either way."""
        steeper = np.where(np.abs(self.more) > np.abs(self.less), self.more, self.less)
        return 100 * np.expm1(steeper * np.log1p(self.step))

    def with_sum(self, rows: NDArray[np.bool_]) -> "Elasticities":
        """These behind the sum of some: to first order figures that all grow at once add up."""
        more, less = (
            np.concatenate([each[rows].sum(axis=0)[None], each]) for each in (self.more, self.less)
        )
        return Elasticities(more, less, self.step)
