"""GGUF files, read by the ``gguf`` package: their metadata and their table of tensors."""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.gguf import Tensor, model_from_gguf

_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)
_READ = ("general.architecture", "general.name")


def model_of_gguf(path: Path) -> dict[str, Any]:
    """The model in a GGUF file, all parts of a split one, as a request's ``model``."""
    if find_spec("gguf") is None:
        raise InvalidInput.at(
            "model",
            "a GGUF file needs the gguf package: pip install 'tier6[gguf]'; or give the "
            "config.json of the model it was made from, and inference.weight_dtype",
        )
    metadata: dict[str, Any] = {}
    tensors: list[Tensor] = []
    for part in _parts(path):
        stated, listed = _read(part)
        metadata = stated | metadata
        tensors += listed
    return model_from_gguf(metadata, tensors).model_dump(mode="json", exclude_defaults=True)


def _parts(path: Path) -> list[Path]:
    """Every part of a split file, whichever is given."""
    found = _PART.search(path.name)
    if found is None:
        return [path]
    stem, parts = path.name[: found.start()], int(found[2])
    return [path.with_name(f"{stem}-{part:05}-of-{parts:05}.gguf") for part in range(1, parts + 1)]


def _read(path: Path) -> tuple[dict[str, Any], list[Tensor]]:
    gguf = import_module("gguf")
    try:
        reader = gguf.GGUFReader(path)
        architecture = str(reader.fields["general.architecture"].contents())
        wanted = (*_READ, *(key for key in reader.fields if key.startswith(f"{architecture}.")))
        stated = {key: reader.fields[key].contents() for key in wanted if key in reader.fields}
        return stated, [_tensor(each, gguf.GGML_QUANT_SIZES) for each in reader.tensors]
    except OSError as error:
        raise InvalidInput.at("model", f"{path} can't be read: {error.strerror}") from error
    except (ArithmeticError, LookupError, ValueError) as error:
        raise InvalidInput.at("model", f"{path.name} can't be read as GGUF: {error}") from error


def _tensor(listed: Any, sizes: Any) -> Tensor:
    return Tensor(
        name=str(listed.name),
        kind=str(listed.tensor_type.name),
        shape=tuple(int(width) for width in listed.shape),
        weights=int(listed.n_elements),
        bytes=int(listed.n_bytes),
        block=int(sizes[listed.tensor_type][0]),
    )
