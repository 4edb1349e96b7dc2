"""How chips are connected: Pod → Rack → Board → Chip, with one kind of link per tier.

Two written forms are read: grouped (``count`` on each node) and written out (one node each).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import Field, model_validator

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.link import Link
from llm_simulator.planner.specs.validation import PositiveInt, Spec, validated

TIERS = ("c2c", "b2b", "r2r", "p2p")
"""Link names, inner to outer: chips of a board, boards of a rack, racks of a pod, pods."""

MAX_CHIPS = 100_000

_CHILDREN = {"pod": "racks", "rack": "boards", "board": "chips", "chip": None}
_CHILD_KIND = {"racks": "rack", "boards": "board", "chips": "chip"}
_LABELS = {"count", "id", "name", "label", "title"}


class TopologySpec(Spec):
    """A uniform tree of chips: every pod, rack and board holds the same number."""

    name: str = "custom"
    pods: PositiveInt
    racks_per_pod: PositiveInt
    boards_per_rack: PositiveInt
    chips_per_board: PositiveInt
    links: dict[str, Link] = Field(default_factory=dict)
    chip_names: tuple[str, ...] = ()
    """Names of the chips as the tree gives them, without repetition."""

    @property
    def chips(self) -> int:
        """Chips of the whole cluster."""
        return self.capacities[-1]

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """Members per tier, inner to outer: chips, boards, racks, pods."""
        return (self.chips_per_board, self.boards_per_rack, self.racks_per_pod, self.pods)

    @property
    def capacities(self) -> tuple[int, int, int, int]:
        """Chips below each tier's switch, inner to outer: board, rack, pod, cluster."""
        board = self.chips_per_board
        rack = board * self.boards_per_rack
        pod = rack * self.racks_per_pod
        return (board, rack, pod, pod * self.pods)

    @model_validator(mode="after")
    def _has_known_links_and_size(self) -> Self:
        unknown = sorted(set(self.links) - set(TIERS))
        if unknown:
            raise ValueError(f"links has {', '.join(unknown)}; known: {', '.join(TIERS)}")
        if self.chips > MAX_CHIPS:
            raise ValueError(f"{self.chips} chips; at most {MAX_CHIPS} can be evaluated")
        return self


def tiers_like_boards(topology: TopologySpec) -> tuple[str, ...]:
    """Tiers whose links are as fast as those of the board, which makes them one network over the
    same ports: see ``costs.collectives.Reach.direct``."""
    links = topology.links
    board = links.get(TIERS[0])
    return tuple(t for t in TIERS if board and t in links and links[t].bandwidth == board.bandwidth)


def missing_links(topology: TopologySpec) -> list[str]:
    """Tiers that connect more than one member but have no link."""
    pairs = zip(TIERS, topology.sizes, strict=True)
    return [tier for tier, size in pairs if size > 1 and tier not in topology.links]


def topology_from_tree(data: Mapping[str, Any], field: str = "topology") -> TopologySpec:
    """The TopologySpec of a grouped or written-out tree; raises InvalidInput naming the node."""
    unknown = sorted(set(data) - {"pods", "interconnect", "name", "title", "description"})
    if unknown:
        raise InvalidInput.at(f"{field}.{unknown[0]}", "is not a known field")
    names: dict[str, None] = {}
    pods, shape = _members(data.get("pods"), "pod", f"{field}.pods", names)
    racks, boards, chips = shape
    tree = {
        "name": str(data.get("name", "custom")),
        "pods": pods,
        "racks_per_pod": racks,
        "boards_per_rack": boards,
        "chips_per_board": chips,
        "links": _links(data.get("interconnect"), f"{field}.interconnect"),
        "chip_names": tuple(names),
    }
    return validated(TopologySpec, tree, field)


def _members(
    nodes: object, kind: str, field: str, names: dict[str, None]
) -> tuple[int, tuple[int, ...]]:
    """Number of ``nodes`` with their counts multiplied out, and the shape they all share."""
    if not isinstance(nodes, Sequence) or isinstance(nodes, str) or not nodes:
        raise InvalidInput.at(field, f"a list with at least one {kind} is needed")
    total = 0
    first: tuple[int, ...] | None = None
    for index, node in enumerate(nodes):
        at = f"{field}[{index}]"
        shape = _shape(node, kind, at, names)
        first = shape if first is None else first
        if shape != first:
            raise InvalidInput.at(
                at,
                f"differs from the first {kind}: every {kind} must hold the same number of "
                f"{_CHILDREN[kind]}; evaluate unequal parts as separate topologies",
            )
        total += _count(node, at)
    return total, first or ()


def _shape(node: object, kind: str, field: str, names: dict[str, None]) -> tuple[int, ...]:
    if not isinstance(node, Mapping):
        raise InvalidInput.at(field, f"a {kind} must be an object, not {type(node).__name__}")
    children = _CHILDREN[kind]
    unknown = sorted(set(node) - _LABELS - ({children} if children else {"type"}))
    if unknown:
        raise InvalidInput.at(f"{field}.{unknown[0]}", "is not a known field")
    if children is None:
        if node.get("name"):
            names.setdefault(str(node["name"]))
        return ()
    child = _CHILD_KIND[children]
    count, shape = _members(node.get(children), child, f"{field}.{children}", names)
    return (count, *shape)


def _count(node: Mapping[str, Any], field: str) -> int:
    count = node.get("count", 1)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_CHIPS:
        raise InvalidInput.at(
            f"{field}.count", f"must be a whole number from 1 to {MAX_CHIPS}, not {count!r}"
        )
    return count


def _links(interconnect: object, field: str) -> dict[str, Link]:
    if interconnect is None:
        return {}
    if not isinstance(interconnect, Mapping) or not isinstance(interconnect.get("links"), Mapping):
        raise InvalidInput.at(f"{field}.links", "an object with c2c, b2b, r2r, p2p is needed")
    links = interconnect["links"]
    return {
        tier: validated(Link, link, f"{field}.links.{tier}")
        for tier, link in links.items()
        if link is not None
    }
