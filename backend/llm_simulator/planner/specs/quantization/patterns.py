"""What checkpoints write to name modules: paths, parts of paths, wildcards and expressions."""

import re
from collections.abc import Hashable, Iterable, Iterator
from fnmatch import translate

from llm_simulator.errors import InvalidInput

_ROOTS = (
    "",
    "model.",
    "language_model.",
    "language_model.model.",
    "model.language_model.",
    "model.language_model.model.",
    "transformer.",
    "backbone.",
)
"""What a checkpoint may write before ``layers``: the model in its wrappers."""

_NEVER_QUANTISED = re.compile(
    r"norm|gate$|gate\b(?!_)|router|embed|wte|wpe|vision|visual|image|audio|speech|tower|projector"
    r"|mm_|multi_modal|merger|connector|adapter|resampler|pooler|mtp|eh_proj|draft|rotary|conv"
    r"|A_log|dt_|in_proj_[ab]\b|in_proj_ba|indexer|index_|\bsinks|bias|vit|patch|aligner|score"
    r"|shared_expert_gate|compressor|hc_|altup|laurel|per_layer|mixer\.D\b|vpm|visual_tokenizer"
)
"""Words of modules that are stored unquantised, or not counted, whoever names them."""


class Pattern:
    """One entry of an exclusion list or of a group's targets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain: str | None = None
        self._expression: re.Pattern[str] | None = None
        self._is_prefix = False
        if text.startswith("re:"):
            self._expression = _compiled(text.removeprefix("re:"))
        elif "*" in text or "?" in text or "[" in text:
            head = text.removesuffix("*")
            if any(mark in head for mark in "*?["):
                self._expression = re.compile(translate(text))
            else:
                self._plain, self._is_prefix = _without_root(head), True
        else:
            self._plain = _without_root(text)

    def matches(self, name: str) -> bool:
        """Whether it names the module at ``name``, a path that begins with its layer.

        >>> Pattern("model.layers.3.self_attn*").matches("layers.3.self_attn.q_proj")
        True
        >>> Pattern("mlp.gate").matches("layers.3.mlp.gate_proj")
        False
        >>> Pattern("re:.*self_attn").matches("layers.3.self_attn.q_proj")
        True
        """
        if self._plain is None:
            assert self._expression is not None
            return any(
                self._expression.match(root + path) for root in _ROOTS for path in _paths(name)
            )
        if self._is_prefix:
            return name.startswith(self._plain) or f".{self._plain}" in f".{name}"
        return f".{self._plain}." in f".{name}."

    @property
    def needs_no_cost(self) -> bool:
        """Whether it speaks of what is unquantised anyway."""
        return _NEVER_QUANTISED.search(self.text) is not None

    @property
    def layer(self) -> int | None:
        """The one layer it speaks of; None where it speaks of several."""
        found = _ONE_LAYER.search(self.text)
        return None if found is None else int(found[1])

    @property
    def tells_layers_apart(self) -> bool:
        """Whether it may match in one layer and not in another."""
        return any(mark.isdigit() for mark in self.text) or r"\d" in self.text


_ONE_LAYER = re.compile(r"layers\.(\d+)(?=\.|\*?$)")
"""A layer's number; ModelOpt writes ``layers.78*`` for the whole of layer 78."""


class NamedModules:
    """The modules that a list of patterns names, looked up by layer."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.patterns = tuple(Pattern(text) for text in dict.fromkeys(texts))
        self._of_layer: dict[int, list[Pattern]] = {}
        self._of_several: list[Pattern] = []
        self._of_all: list[Pattern] = []
        for pattern in self.patterns:
            if pattern.layer is not None:
                self._of_layer.setdefault(pattern.layer, []).append(pattern)
            else:
                apart = self._of_several if pattern.tells_layers_apart else self._of_all
                apart.append(pattern)
        self._known: dict[str, bool] = {}

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def in_layer(self, layer: int) -> Hashable:
        """What the list says of a layer: the same for layers of which it says the same."""
        own = (_ONE_LAYER.sub("layers.", one.text) for one in self._of_layer.get(layer, []))
        return frozenset(own), layer if self._of_several else None

    def __contains__(self, name: str) -> bool:
        """Whether the module at ``name`` is among them."""
        if self._of_layer or self._of_several:
            found = _ONE_LAYER.match(name)
            own = self._of_layer.get(int(found[1]), []) if found else []
            if any(pattern.matches(name) for pattern in (*own, *self._of_several)):
                return True
        anywhere = _ONE_LAYER.sub("layers.0", name)
        if anywhere not in self._known:
            self._known[anywhere] = any(pattern.matches(anywhere) for pattern in self._of_all)
        return self._known[anywhere]


def _paths(name: str) -> Iterator[str]:
    """A module's path and those of the modules around it: who names a block names what is in it."""
    parts = name.split(".")
    return (".".join(parts[:depth]) for depth in range(len(parts), 0, -1))


def _compiled(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression)
    except re.error as error:
        raise InvalidInput.at(
            "model.quantization_config", f"'{expression}' is no regular expression: {error}"
        ) from error


def _without_root(path: str) -> str:
    for root in sorted(filter(None, _ROOTS), key=len, reverse=True):
        if path.startswith(root):
            return path.removeprefix(root)
    return path
