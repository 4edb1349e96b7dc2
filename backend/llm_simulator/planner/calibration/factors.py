"""Factors of engines and chips, fitted on TTFT and TPOT together.

Gauss-Newton steps with Levenberg's damping on log(predicted / measured), robust against impure
runs.
"""

from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.calibration.levels import (
    FACTOR_KINDS,
    VERSION_FACTORS,
    VERSION_KIND,
    Grouping,
    grouped,
)
from llm_simulator.planner.calibration.prediction import predicted
from llm_simulator.planner.calibration.runs import Runs
from llm_simulator.planner.requests.calibrations import Level
from llm_simulator.planner.specs.calibration import FACTORS
from llm_simulator.units import Array, IntArray

TPOT_SCALE, TTFT_SCALE = 0.08, 0.16
"""Log errors beyond which a run counts as impure and pulls no harder."""

FREEDOM = {
    "gemm_compute": 0.2,
    "gemm_memory": 0.12,
    "expert_compute": 0.4,
    "expert_memory": 0.2,
    "attention_compute": 0.4,
    "attention_memory": 0.2,
    "elementwise_memory": 0.4,
    "link_bandwidth": 0.3,
    "gemm_start": 0.5,
    "narrow_start": 0.6,
    "expert_start": 0.6,
    "attention_start": 0.5,
    "elementwise_start": 0.6,
    "message_start": 0.5,
    "step_overhead": 1.0,
    "request_overhead": 0.8,
    "first_token_overhead": 0.8,
    "prompt_token_overhead": 0.7,
    "admission_steps": 0.8,
    "prompt_steps": 0.3,
    "queueing": 0.5,
    "opening_burst": 0.6,
    "slot_wait": 1.5,
}
"""How far a factor may depart from its assumption, in logarithms; levels take a share of it."""

MOST_STEPS = 15


@dataclass(frozen=True)
class FactorFit:
    """Offsets of every level and the logarithms they add up to for every run; [R, factors]."""

    groupings: tuple[Grouping, ...]
    offsets: tuple[Array, ...]
    logs: Array

    def logs_without_engine(self) -> Array:
        """What the levels say of every run when its engine is not told; shape [R, factors]."""
        told = [
            rows[grouping.member]
            for grouping, rows in zip(self.groupings, self.offsets, strict=True)
            if "engine" in grouping.kind.keys
        ]
        return self.logs - sum(told)

    def levels(self) -> list[Level]:
        """The offsets as levels of a calibration, those of no consequence left out."""
        return [
            Level(subject=subject, factors=_named(row))
            for grouping, rows in zip(self.groupings, self.offsets, strict=True)
            for subject, row in zip(grouping.subjects, rows, strict=True)
        ]


def _named(offsets: Array) -> dict[str, float]:
    pairs = zip(FACTORS, offsets.tolist(), strict=True)
    return {name: round(offset, 4) for name, offset in pairs if abs(offset) >= 1e-3}


def fit_factors(runs: Runs, base: Array, chosen: IntArray, share: float = 1.0) -> FactorFit:
    """The factors that explain the ``chosen`` runs, starting from logarithms ``base`` [factors].

    ``share`` scales how far all levels may depart.
    """
    problem = _Problem.of(runs, base, share)
    offsets = np.zeros((problem.rows, len(FACTORS)))
    damping, loss = 1e-2, problem.loss(offsets, chosen)
    for _ in range(MOST_STEPS):
        matrix, slope = problem.normal_equations(offsets, chosen)
        before = loss
        for _ in range(8):
            damped = matrix + damping * np.diag(np.diag(matrix))
            step = np.linalg.solve(damped, slope).reshape(offsets.shape)
            tried = offsets + np.clip(step, -0.7, 0.7)
            new = problem.loss(tried, chosen)
            if np.isfinite(new) and new < loss:
                offsets, loss, damping = tried, new, max(damping / 4, 1e-6)
                break
            damping *= 5
        if before - loss < 1e-4 * before:
            break
    return problem.result(offsets)


@dataclass(frozen=True)
class _Problem:
    """Offsets of all levels stacked as rows [levels, factors], and what holds them back."""

    runs: Runs
    base: Array
    groupings: tuple[Grouping, ...]
    stiffness: Array
    """1 / expected deviation; shape [levels, factors]."""
    member: IntArray
    """Rows of offsets that belong to each run; shape [R, kinds]."""

    @classmethod
    def of(cls, runs: Runs, base: Array, share: float) -> "_Problem":
        freedom = np.array([FREEDOM[name] for name in FACTORS]) * share
        groupings, stiffness, member, start = [], [], [], 0
        for kind in (*FACTOR_KINDS, VERSION_KIND):
            found = grouped(kind, runs.subjects)
            own = kind.spread * freedom
            if kind is VERSION_KIND:
                own = np.where(np.isin(FACTORS, VERSION_FACTORS), own, 1e-4)
            groupings.append(found)
            stiffness.append(np.tile(1 / own, (len(found.subjects), 1)))
            member.append(found.member + start)
            start += len(found.subjects)
        return cls(
            runs, base, tuple(groupings), np.concatenate(stiffness), np.stack(member, axis=1)
        )

    @property
    def rows(self) -> int:
        return len(self.stiffness)

    def logs(self, offsets: Array) -> Array:
        """Logarithms of every run's factors; shape [R, factors]."""
        return self.base + offsets[self.member].sum(axis=1)

    def errors(self, logs: Array) -> Array:
        """Scaled log errors of TPOT and TTFT; shape [2, R]."""
        ttft, tpot = predicted(self.runs, logs)
        return np.stack(
            [
                np.log(tpot / self.runs.tpot) / TPOT_SCALE,
                np.log(ttft / self.runs.ttft) / TTFT_SCALE,
            ]
        )

    def loss(self, offsets: Array, chosen: IntArray) -> float:
        """Pseudo-Huber loss of the chosen runs and the pull of the levels towards zero."""
        errors = self.errors(self.logs(offsets))[:, chosen]
        return float(
            (2 * (np.sqrt(1 + errors**2) - 1)).sum() + ((self.stiffness * offsets) ** 2).sum()
        )

    def normal_equations(self, offsets: Array, chosen: IntArray) -> tuple[Array, Array]:
        """Matrix and right-hand side of one Gauss-Newton step over all offsets."""
        logs = self.logs(offsets)
        errors = self.errors(logs)
        count = len(FACTORS)
        derivative = np.empty((2, len(self.runs), count))
        for place in range(count):
            moved = logs.copy()
            moved[:, place] += 1e-4
            derivative[:, :, place] = (self.errors(moved) - errors) / 1e-4
        size = self.rows * count
        matrix, slope = np.zeros((size, size)), np.zeros(size)
        columns = np.arange(count)
        for target in range(2):
            design = np.zeros((len(chosen), size))
            for kind in range(self.member.shape[1]):
                places = self.member[chosen, kind, None] * count + columns
                design[np.arange(len(chosen))[:, None], places] += derivative[target][chosen]
            weight = 1 / np.sqrt(1 + errors[target][chosen] ** 2)
            matrix += (design * weight[:, None]).T @ design
            slope -= design.T @ (weight * errors[target][chosen])
        pull = (self.stiffness**2).ravel()
        matrix[np.diag_indices(size)] += pull
        return matrix, slope - pull * offsets.ravel()

    def result(self, offsets: Array) -> FactorFit:
        ends = np.cumsum([len(grouping.subjects) for grouping in self.groupings])
        parts = np.split(offsets, ends[:-1])
        return FactorFit(self.groupings, tuple(parts), self.logs(offsets))


def assumed_logs(assumed: dict[str, float]) -> Array:
    """Logarithms of the assumed factors, in the order of FACTORS."""
    return np.log([assumed[name] for name in FACTORS])
