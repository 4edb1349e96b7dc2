"""Keys of a ``config.json`` that no reader asked for: harmless, named in a note, or refused.

Readers take note of every key that they ask for (``Config.asked``). What is left and isn't known to
be of no size is refused where its name looks like a size or a part, and else said in a note.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.hugging_face.keys_of_no_size import has_no_size
from llm_simulator.planner.specs.warning import EvaluationWarning

_LOOKS_LIKE_A_SIZE = re.compile(
    r"""
    size | dim | layer | head | expert | rank | hidden | width | depth | window | bits | quant
    | intermediate | inner | pattern | vocab | channel | kernel | patch | embed | conv | block
    | interval | sparse | dense | adapter | encoder | tower | compress | attention | freq | group
    | tied
    | (^|_)(n|num|ffn?|mlp|moe|attn|kv|q|qk|v|o|lora|state|ssm|topk|tie|shared?|embd|ratio|every
            |gated?|proj|projector|expand|mtp|nextn|index|cross|mult|count|d|stride|period)(_|$)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def looks_like_a_size(name: str, value: object) -> bool:
    """Whether a key may say how large a model is, or of which parts it is made.

    >>> looks_like_a_size("num_latent_experts", 8), looks_like_a_size("favourite_colour", "blue")
    (True, False)
    """
    return isinstance(value, Mapping) or bool(_LOOKS_LIKE_A_SIZE.search(name))


def says_nothing(value: object) -> bool:
    """Whether a value switches nothing on: null, false, 0, empty, or full attention throughout."""
    full = isinstance(value, list) and all(one == "full_attention" for one in value)
    return full or not value


def unread_keys(
    stated: Mapping[str, Any], asked: set[str], field: str, ours: Mapping[str, str]
) -> Iterator[tuple[str, object]]:
    """Places of the keys that nobody asked for and that may mean something, with their values.

    ``ours`` are the names under which readers ask for keys of other names.
    """
    for name, value in stated.items():
        place = f"{field}.{name}"
        if says_nothing(value) or has_no_size(name):
            continue
        if isinstance(value, Mapping) and any(path.startswith(f"{place}.") for path in asked):
            yield from unread_keys(value, asked, place, ours)
        elif place not in asked and f"{field}.{ours.get(name, name)}" not in asked:
            yield place, value


def refuse_sizes(unread: Mapping[str, object], known: Iterable[str], kind: str) -> None:
    """Raises InvalidInput for a key that nobody read and whose name looks like a size.

    ``known`` are places of keys that the config does not state: one of them may be meant.
    """
    for place, value in unread.items():
        if looks_like_a_size(place.rpartition(".")[2], value):
            near = get_close_matches(place, sorted(known), n=1, cutoff=0.85)
            meant = f" (is {near[0].rpartition('.')[2]} meant?)" if near else ""
            raise InvalidInput.at(
                place,
                f"is not read of a '{kind}' model{meant}, and may change its size; take it out if "
                "it doesn't, or give Tier6's own fields",
            )


def notes_of_unread(unread: Iterable[str], field: str) -> tuple[EvaluationWarning, ...]:
    """A note that names keys nobody read; none where all were."""
    names = ", ".join(place.removeprefix(f"{field}.") for place in unread)
    sentence = "The config.json has keys that are not read: {keys}."
    return (EvaluationWarning.of("unread_keys", sentence, keys=names[:1000]),) if names else ()
