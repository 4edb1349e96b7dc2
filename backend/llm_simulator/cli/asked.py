"""What several commands are asked alike: their options, and the parts of a request they make."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from llm_simulator.cli.amounts import count, milliseconds
from llm_simulator.cli.files import calibration_of, json_of
from llm_simulator.cli.models import model_named
from llm_simulator.errors import InvalidInput

deployment = partial(typer.Option, rich_help_panel="Deployment")
load = partial(typer.Option, rich_help_panel="Load")
output = partial(typer.Option, rich_help_panel="Output")
amount = partial(load, parser=count, metavar="N")
limit = partial(typer.Option, parser=milliseconds, metavar="TIME")

Model = Annotated[
    str, deployment(help="Preset, config.json, directory, GGUF file, or Hugging Face id.")
]
Topology = Annotated[str, deployment(help="Preset name, or a JSON file.")]
Hardware = Annotated[str, deployment(help="Preset name, or a JSON file.")]
Engine = Annotated[
    str | None, deployment(help="vllm, sglang or trtllm: its rules, calibrated on its runs.")
]
CalibrationPath = Annotated[
    Path | None, deployment(help="A file that `tier6 calibrate` wrote, on top.")
]
WeightDtype = Annotated[str | None, deployment(help="bf16, fp8, int8, nvfp4, ...")]
KvCacheDtype = Annotated[str | None, deployment(help="bf16, fp8, int8, nvfp4, ...")]
Download = Annotated[
    bool, deployment("--download", help="Fetch the config of a Hugging Face id from the network.")
]
Concurrency = Annotated[
    int | None,
    amount(
        "--concurrency",
        "--batch-size",
        "--users",
        help="Requests in flight, at exactly this; default: what suits each plan best.",
    ),
]
InputLength = Annotated[int, amount(help="Prompt tokens per request: 1024, 4k.")]
OutputLength = Annotated[int, amount(help="Output tokens per request.")]
AsJson = Annotated[bool, output("--json", help="Print the result as JSON.")]

TTFT_LIMIT = ("--max-ttft", "--max-ttft-ms")
TPOT_LIMIT = ("--max-tpot", "--max-tpot-ms")
E2E_LIMIT = ("--max-e2e-latency", "--max-e2e-latency-ms")
TTFT_HELP = "Limit of the mean TTFT: '2 s'; a number alone is ms."
TPOT_HELP = "Limit of the mean TPOT: '40 ms'."
E2E_HELP = "Limit of the mean time from a request's arrival to its last token: '30 s'."
PLAN_HELP = "Only this plan: 'dp=4,tp=2,ep=8'."
PREFILL_HELP = "Only these pools: 'instances=2,tp=8,ep=8', and --decode-pool."
DECODE_HELP = "'instances=4,dp=8,ep=8,max_batch_size=64'."

_OF_A_SUBMISSION = ("experiment_name", "description", "priority")
"""What a request has only for the service, and nothing to evaluate."""


def deployment_of(
    model: str, topology: str, hardware: str, calibration: Path | None, *, download: bool
) -> dict[str, Any]:
    """The parts of a request that say what serves; raises InvalidInput for one that is missing."""
    return {
        "model": model_named(_needed(model, "model"), download=download),
        "topology": part(topology, "topology"),
        "hardware": part(hardware, "hardware") if hardware else None,
        "calibration": calibration_of(calibration).model_dump(mode="json") if calibration else None,
    }


def part(text: str, field: str) -> Any:
    """A preset's name, or the content of the JSON file of that name."""
    if _needed(text, field).endswith(".json"):
        return json_of(Path(text), field)
    return text


def request_in(path: Path) -> dict[str, Any]:
    """The request in a file, as it would be submitted, without what concerns only the service."""
    body = json_of(path, "request")
    if not isinstance(body, dict):
        raise InvalidInput.at("request", "must be a JSON object")
    return {name: part for name, part in body.items() if name not in _OF_A_SUBMISSION}


def _needed(text: str, field: str) -> str:
    if not text:
        raise InvalidInput.at(field, f"is needed: --{field} NAME; see tier6 catalogue")
    return text
