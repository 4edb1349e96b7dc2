"""Factors of engines and chips, fitted on TTFT and TPOT together.

Least squares on log(predicted / measured), robust against impure runs; the levels are drawn
towards zero.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import least_squares

from llm_simulator.planner.calibration.levels import (
    FACTOR_KINDS,
    VERSION_FACTORS,
    VERSION_KIND,
    VERSION_SHARE,
    Grouping,
    grouped,
)
from llm_simulator.planner.calibration.runs import Runs
from llm_simulator.planner.calibration.uncorrected import uncorrected_latency
from llm_simulator.planner.requests.calibrations import Level
from llm_simulator.planner.specs.calibration import LOOP_FACTORS
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
    "balance_steps": 1.0,
    "prompt_steps": 0.3,
    "queueing": 0.5,
    "opening_burst": 0.6,
    "slot_wait": 1.5,
}
"""How far a factor may depart from its assumption, in logarithms; levels take a share of it."""

TOLERANCE, MOST_STEPS = 1e-5, 60
"""The share of the loss that a last step gains, and steps at most."""
DIFFERENCE = 1e-4
"""Of a factor's logarithm, for derivatives."""


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
    pairs = zip(LOOP_FACTORS, offsets.tolist(), strict=True)
    return {name: round(offset, 4) for name, offset in pairs if abs(offset) >= 1e-3}


def fit_factors(runs: Runs, base: Array, chosen: IntArray, share: float = 1.0) -> FactorFit:
    """The factors that explain the ``chosen`` runs, starting from logarithms ``base`` [factors].

    ``share`` scales how far all levels may depart.
    """
    problem = _Problem.of(runs, base, share)
    count = 2 * len(chosen)

    def robust(squares: Array) -> Array:
        """Pseudo-Huber loss of the runs' squared errors, plain squares of the levels' pull."""
        root = np.sqrt(1 + squares[:count])
        loss = np.stack([squares, np.ones_like(squares), np.zeros_like(squares)])
        loss[:, :count] = 2 * (root - 1), 1 / root, -0.5 / root**3
        return loss

    solved = least_squares(
        lambda offsets: problem.residuals(offsets, chosen),
        np.zeros(problem.stiffness.size),
        jac=lambda offsets: problem.jacobian(offsets, chosen),
        loss=robust,
        x_scale="jac",
        tr_solver="lsmr",
        ftol=TOLERANCE,
        max_nfev=MOST_STEPS,
    )
    return problem.result(problem.table(solved.x))


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
        freedom = np.array([FREEDOM[name] for name in LOOP_FACTORS]) * share
        groupings, stiffness, member, start = [], [], [], 0
        for kind in (*FACTOR_KINDS, VERSION_KIND):
            found = grouped(kind, runs.subjects)
            own = kind.spread * freedom
            if kind is VERSION_KIND:
                own = own * np.where(np.isin(LOOP_FACTORS, VERSION_FACTORS), 1.0, VERSION_SHARE)
            groupings.append(found)
            stiffness.append(np.tile(1 / own, (len(found.subjects), 1)))
            member.append(found.member + start)
            start += len(found.subjects)
        return cls(
            runs, base, tuple(groupings), np.concatenate(stiffness), np.stack(member, axis=1)
        )

    def table(self, offsets: Array) -> Array:
        """Offsets in a row as rows of levels; [levels, factors]."""
        return offsets.reshape(self.stiffness.shape)

    def logs(self, offsets: Array) -> Array:
        """Logarithms of every run's factors; shape [R, factors]."""
        return self.base + offsets[self.member].sum(axis=1)

    def errors(self, logs: Array) -> Array:
        """Scaled log errors of TPOT and TTFT; shape [2, R]."""
        ttft, tpot = uncorrected_latency(self.runs, logs)
        return np.stack(
            [
                np.log(tpot / self.runs.tpot) / TPOT_SCALE,
                np.log(ttft / self.runs.ttft) / TTFT_SCALE,
            ]
        )

    def residuals(self, offsets: Array, chosen: IntArray) -> Array:
        """Scaled log errors of TPOT, then of TTFT of the chosen runs, then the levels' pull."""
        table = self.table(offsets)
        errors = self.errors(self.logs(table))[:, chosen]
        return np.concatenate([errors.ravel(), (self.stiffness * table).ravel()])

    def jacobian(self, offsets: Array, chosen: IntArray) -> sparse.csr_matrix:
        """Derivatives of the residuals; a run depends on the levels it belongs to alone."""
        slopes = self._slopes(self.logs(self.table(offsets)))[:, chosen]
        levels, factors = self.stiffness.shape
        member = self.member[chosen]
        columns = (member[:, :, None] * factors + np.arange(factors)).reshape(len(chosen), -1)
        rows = np.repeat(np.arange(len(chosen)), columns.shape[1])
        shape = (len(chosen), levels * factors)
        of_runs = [
            sparse.csr_matrix(
                (np.tile(slope, (1, member.shape[1])).ravel(), (rows, columns.ravel())), shape=shape
            )
            for slope in slopes
        ]
        return sparse.csr_matrix(sparse.vstack([*of_runs, sparse.diags(self.stiffness.ravel())]))

    def _slopes(self, logs: Array) -> Array:
        """Change of the errors with each factor's logarithm; [2, R, factors]."""
        errors = self.errors(logs)
        slopes = np.empty((*errors.shape, logs.shape[1]))
        for factor in range(logs.shape[1]):
            moved = logs.copy()
            moved[:, factor] += DIFFERENCE
            slopes[:, :, factor] = (self.errors(moved) - errors) / DIFFERENCE
        return slopes

    def result(self, offsets: Array) -> FactorFit:
        ends = np.cumsum([len(grouping.subjects) for grouping in self.groupings])
        parts = np.split(offsets, ends[:-1])
        return FactorFit(self.groupings, tuple(parts), self.logs(offsets))


def assumed_logs(assumed: dict[str, float]) -> Array:
    """Logarithms of the assumed factors, in the order of LOOP_FACTORS."""
    return np.log([assumed[name] for name in LOOP_FACTORS])
