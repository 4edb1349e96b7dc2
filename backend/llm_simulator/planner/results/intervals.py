"""How sure a plan's figures are: the interval of each, and what it rests on."""

from typing import Any

from llm_simulator.planner.specs.calibration import Calibration

NEAR = 0.9
"""Nearness from which on a plan counts as measured: a tenth of the way to first principles."""
FAR = (
    "Load or degrees of this plan lie outside of what was measured: the correction fades there "
    "and the interval widens."
)

NO_DCP = (
    "No run that shares out the cache by dcp was measured: the correction is that of the plan "
    "without it, the interval that of formulas alone."
)

UNFITTED = "Transferred from aggregated runs: none on pools is part of the calibration."
"""What plans on pools rest on without disaggregated runs."""


def certainty(
    calibration: Calibration,
    nearness: float,
    *,
    ttft: float,
    tpot: float,
    throughput: float,
    output_tokens: int,
    shared_out: bool = False,
) -> dict[str, Any]:
    """The fields of ``Certainty`` of a plan's ``ttft`` and ``tpot`` in ms and its ``throughput``.

    Requests take turns of TTFT + (n - 1) TPOT; throughput is high where both are low. A plan with
    its cache ``shared_out`` by dcp rests on runs of others.
    """
    provenance, basis = calibration.provenance, calibration.basis
    if provenance != "first_principles" and shared_out:
        provenance, basis = "transferred", f"{basis} {NO_DCP}"
    elif nearness <= NEAR:
        basis = f"{basis} {FAR}"
    of_ttft, of_tpot = calibration.intervals(nearness)
    ttft_low, ttft_high = (ttft * float(ratio) for ratio in of_ttft)
    tpot_low, tpot_high = (tpot * float(ratio) for ratio in of_tpot)
    others = output_tokens - 1
    end_to_end = ttft + others * tpot
    return {
        "ttft_low": ttft_low,
        "ttft_high": ttft_high,
        "tpot_low": tpot_low,
        "tpot_high": tpot_high,
        "throughput_low": throughput * end_to_end / (ttft_high + others * tpot_high),
        "throughput_high": throughput * end_to_end / (ttft_low + others * tpot_low),
        "provenance": provenance,
        "basis": basis,
    }


def of_pools(calibration: Calibration) -> Calibration:
    """The calibration with the intervals of serving in pools."""
    known = calibration.provenance != "first_principles"
    return calibration.model_copy(
        update={
            "tpot_interval": calibration.tpot_interval_unmeasured,
            "ttft_interval": calibration.ttft_interval_unmeasured,
            "provenance": "transferred" if known else "first_principles",
            "basis": calibration.pool_basis or (UNFITTED if known else calibration.basis),
        }
    )
