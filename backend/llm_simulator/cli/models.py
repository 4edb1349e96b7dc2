"""What ``--model`` may name: a preset, config.json, directory, GGUF file or Hugging Face id."""

import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.cli.files import json_of
from llm_simulator.cli.gguf_file import model_of_gguf
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.requests.catalogue import checkpoint as named_checkpoint
from llm_simulator.planner.requests.catalogue import find, in_another_format

CONFIG = "config.json"
SIDE_FILE = "hf_quant_config.json"


def model_named(text: str, *, download: bool = False) -> Any:
    """The request's ``model`` for what a user wrote; raises InvalidInput with the way out."""
    path = Path(text).expanduser()
    if text.lower().endswith(".gguf"):
        return model_of_gguf(path)
    if text.endswith(".json"):
        return json_of(path, "model")
    if path.is_dir():
        return checkpoint(path)
    if "/" not in text or find(builtin_catalogue().models, text) is not None:
        return text
    folder = cached_checkpoint(text)
    if folder is not None:
        return checkpoint(folder)
    if download:
        return _downloaded(text)
    return text if named_checkpoint(builtin_catalogue(), text) is not None else _not_here(text)


def checkpoint(folder: Path) -> dict[str, Any]:
    """The config of a model's directory, with the formats that stand in a file beside it."""
    names = [name for name in (CONFIG, "params.json") if (folder / name).is_file()]
    if not names:
        raise InvalidInput.at("model", f"{folder} holds no {CONFIG}")
    config = json_of(folder / names[0], "model")
    if not isinstance(config, dict):
        raise InvalidInput.at("model", f"{folder / names[0]} must be a JSON object")
    if (folder / SIDE_FILE).is_file():
        config["hf_quant_config"] = json_of(folder / SIDE_FILE, "model")
    return config


def cached_checkpoint(repository: str) -> Path | None:
    """The newest snapshot of a repository in the local Hugging Face cache.

    Its layout: huggingface.co/docs/huggingface_hub/guides/manage-cache.
    """
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    cache = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    snapshots = cache / f"models--{repository.replace('/', '--')}" / "snapshots"
    main = snapshots.parent / "refs" / "main"
    folders = sorted(snapshots.glob("*/"), key=lambda folder: folder.stat().st_mtime)
    if main.is_file():
        folders.append(snapshots / main.read_text().strip())
    held = [folder for folder in folders if (folder / CONFIG).is_file()]
    return held[-1] if held else None


def _not_here(repository: str) -> Any:
    known = in_another_format(builtin_catalogue().models, repository)
    if known is not None:
        raise InvalidInput.at("model", f"{known}, or --download to fetch that")
    raise InvalidInput.at(
        "model",
        f"'{repository}' is no preset, no directory and not in the local Hugging Face cache; give "
        "its config.json or directory, or --download to fetch its config (see tier6 catalogue)",
    )


def _downloaded(repository: str) -> Any:
    """The config from huggingface.co; only what a user asked for goes over the network."""
    if find_spec("huggingface_hub") is None:
        raise InvalidInput.at(
            "model", "--download needs the huggingface_hub package: pip install 'tier6[hub]'"
        )
    hub = import_module("huggingface_hub")
    try:
        wanted = [CONFIG, SIDE_FILE, "params.json"]
        folder = hub.snapshot_download(repository, allow_patterns=wanted)
    except Exception as error:  # The library's and its transports' errors have no common class.
        first = str(error).strip().splitlines() or [type(error).__name__]
        raise InvalidInput.at("model", f"'{repository}' can't be fetched: {first[0]}") from error
    return checkpoint(Path(folder))
