"""How sure a plan's figures are: the interval of each, and what it rests on."""

from typing import Any

from llm_simulator.planner.specs.calibration import Calibration

NEAR = 0.9
"""Nearness from which on a plan counts as measured: a tenth of the way to first principles."""
FAR = (
    "Load or degrees of this plan lie outside of what was measured: the correction fades there "
    "and the interval widens."
)

UNFITTED = (
    "Transferred from aggregated runs of the engine: nothing but the hand-over between pools is "
    "read off disaggregated ones, 267 of which were 17 % off in TPOT and 48 % in TTFT (median); "
    "the 80 % interval, of other cases that were never measured, held 89 % and 64 % of them."
)
"""What plans on pools rest on (docs/accuracy.md, "Separate pools of prefill and decode")."""


def certainty(
    calibration: Calibration,
    nearness: float,
    *,
    ttft: float,
    tpot: float,
    throughput: float,
    output_tokens: int,
) -> dict[str, Any]:
    """The fields of ``Certainty`` of a plan's ``ttft`` and ``tpot`` in ms and its ``throughput``.

    Requests take turns of TTFT + (n - 1) TPOT; throughput is high where both are low.
    """
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
        "provenance": calibration.provenance,
        "basis": calibration.basis if nearness > NEAR else f"{calibration.basis} {FAR}",
    }


def of_unmeasured_serving(calibration: Calibration) -> Calibration:
    """The calibration with the intervals of cases that were never measured: no fit knew pools."""
    if calibration.provenance != "calibrated":
        return calibration
    return calibration.model_copy(
        update={
            "tpot_interval": calibration.tpot_interval_unmeasured,
            "ttft_interval": calibration.ttft_interval_unmeasured,
            "provenance": "transferred",
            "basis": UNFITTED,
        }
    )
