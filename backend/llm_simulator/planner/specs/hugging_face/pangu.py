"""openPangu's dense models: attention as Llama's, unless keys have trained sinks beside them."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def without_trained_sinks(config: Config) -> dict[str, Any]:
    """Nothing; raises where trained keys stand beside those of the tokens (vLLM 0.33)."""
    if config.get("param_sink_number"):
        raise config.refusal(
            "param_sink_number", "trained keys beside those of the tokens are not costed"
        )
    return {}
