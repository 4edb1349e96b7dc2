"""Step laws made up for tests, with numbers that a person can follow."""

from llm_simulator.planner.serving.simulation.step_law import StepLaw, StepTerms


def affine_law(
    *,
    start: float = 1.0,
    per_request: float = 0.0,
    per_context: float = 0.0,
    per_prompt_token: float = 0.0,
    per_pair: float = 0.0,
    lag: float = 0.0,
    places: int = 100,
) -> StepLaw:
    """Seconds of a step: so many to start it, and so many for each thing in it."""

    def mixed(count: int, tokens: int, pairs: int) -> StepTerms:
        time = start + per_request * count + per_prompt_token * tokens + per_pair * pairs
        return StepTerms(time, per_context, lag, 0.0)

    return StepLaw(
        decode=[start + per_request * count for count in range(places + 1)],
        decode_per_context=[per_context] * (places + 1),
        mixed=mixed,
    )
