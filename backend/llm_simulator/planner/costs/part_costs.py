"""What the operators and messages of a step cost, each once, for each distinct shard of plans.

Axes: O operators or messages; by layer counts (4), or the S rows of ``pipeline``; T steps of the
same plans; P plans, or K distinct shards of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.costs.roofline import WorkSeconds, operator_time
from llm_simulator.planner.operators.all_work import backbone_work, routed_work
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.layers import LAYER_COUNTS
from llm_simulator.planner.operators.messages import backbone_messages, routed_messages
from llm_simulator.planner.operators.together import Works
from llm_simulator.planner.operators.work import AnyWork, Message, Work
from llm_simulator.planner.plans.distinct import Distinct
from llm_simulator.units import Array, Count, IntArray, Seconds

CAUSES = ("compute", "memory", "communication", "overhead")
SENDING = CAUSES.index("communication")


@dataclass(frozen=True)
class Sums:
    """Seconds summed over operators, by layer counts or by the rows of ``pipeline``."""

    times: Array
    """Of which the chip is ``busy``, and of communication; [2, S, T, P]."""
    ideals: Array
    """At peak FLOP/s, and at peak bandwidth, of all stages together; [2, 1, T, P]."""

    @classmethod
    def zeros(cls, rows: int, ideal_rows: int, columns: tuple[int, ...]) -> "Sums":
        """Nothing done yet."""
        return cls(np.zeros((2, rows, *columns)), np.zeros((2, ideal_rows, *columns)))

    @property
    def busy(self) -> Array:
        """The chip computes, moves bytes or starts kernels; [S, T, P]."""
        return self.times[0]

    @property
    def communication(self) -> Array:
        """Messages are on their way; [S, T, P]."""
        return self.times[1]


@dataclass(frozen=True)
class Part:
    """Operators and messages that depend on the same degrees of a plan."""

    degrees: tuple[str, ...]
    works: Callable[[Context], Iterable[AnyWork]]
    messages: Callable[[Context], Iterable[Message]]


BACKBONE = Part(("tp", "sp", "dcp"), backbone_work, backbone_messages)
ROUTED = Part(("sp", "attention_dp", "ep", "moe_tp"), routed_work, routed_messages)


@dataclass(frozen=True)
class OperatorCosts:
    """Operators and messages of one step or several, a row each; shape [O, ...], then [S, P] or by
    layer counts [4, P], of several [S, T, P]."""

    names: tuple[str, ...]
    repeats: Array
    seconds: Array
    """Of all repetitions, each moment charged to what bounds it; [O, 4, ...] by ``CAUSES``."""

    @classmethod
    def joined(cls, costs: Sequence["OperatorCosts"], order: Sequence[int]) -> "OperatorCosts":
        """The rows of all of them in this ``order``."""
        names = [name for each in costs for name in each.names]
        return cls(
            tuple(names[row] for row in order),
            np.concatenate([each.repeats for each in costs])[order],
            np.concatenate([each.seconds for each in costs])[order],
        )

    def step(self, number: int) -> "OperatorCosts":
        """One of several steps."""
        return OperatorCosts(self.names, self.repeats[..., number, :], self.seconds[..., number, :])

    @property
    def communication(self) -> Array:
        """Seconds of messages; [O, ...]."""
        return self.seconds[:, SENDING]

    @property
    def busy(self) -> Array:
        """Seconds in which a chip is at work; [O, ...]."""
        compute, memory, _, overhead = np.moveaxis(self.seconds, 1, 0)
        return np.asarray(compute + memory + overhead)


@dataclass(frozen=True)
class PartCosts:
    """The cost of one repetition of everything in a part; columns of shape [T, K]."""

    alike: Distinct
    """Which plans have the same shard."""
    works: Works
    seconds: WorkSeconds
    messages: Sequence[Message]
    sending: Sequence[Seconds]
    """Seconds of each message."""

    @property
    def sums(self) -> Sums:
        """What each layer count multiplies."""
        total = Sums.zeros(LAYER_COUNTS, LAYER_COUNTS, self.works.flops.shape[1:])
        self._add_works(total)
        for message, seconds in zip(self.messages, self.sending, strict=True):
            for row, repeats in zip(total.communication, np.asarray(message.repeats), strict=True):
                if repeats.any():
                    row += repeats * seconds
        return total

    def _add_works(self, total: Sums) -> None:
        """Adds up the seconds of all works, as often as each layer count repeats them."""
        of_works = self.seconds
        seconds = np.empty((len(self.works.each), 3, *total.busy.shape[1:]))
        seconds[:, 0] = of_works.time
        seconds[:, 1], seconds[:, 2] = of_works.ideal_compute, of_works.ideal_memory
        repeats = self.works.repeats
        used = np.asarray(repeats.any(axis=(2, 3)))
        for count in np.flatnonzero(used.any(axis=0)).tolist():
            rows = np.flatnonzero(used[:, count])
            # Rows are added one after the other, so a table of one plan adds up as any other.
            added = (repeats[rows, count][:, None] * seconds[rows]).sum(axis=0)
            total.busy[count] += added[0]
            total.ideals[:, count] += added[1:]

    def operators(self, counts: Array, rows: IntArray) -> OperatorCosts:
        """All steps for some plans, repeated by their layer ``counts`` [4, S, P]."""
        kinds, of_works = self.alike.kind[rows], self.seconds
        compute, memory = of_works.compute, of_works.memory
        bound, running = np.asarray(compute >= memory), operator_time(compute, memory)
        works = len(self.works.each)
        once = np.zeros((len(self.all), len(CAUSES), self._shape[0], len(rows)))
        for cause, seconds in (
            ("compute", running * bound),
            ("memory", running * ~bound),
            ("overhead", of_works.start),
        ):
            once[:works, CAUSES.index(cause)] = np.asarray(seconds)[..., kinds]
        for row, seconds in enumerate(self.sending, works):
            once[row, SENDING] = np.broadcast_to(seconds, self._shape)[:, kinds]
        names = tuple(one.operator for one in self.all)
        repeats = self._repeats(counts, kinds)
        return OperatorCosts(names, repeats, once[:, :, None] * repeats[:, None])

    def asked(self, rows: IntArray) -> Iterator[Work | Message]:
        """What each row of ``operators`` asks of the chip or of its links; columns [T, P]."""
        kinds = self.alike.kind[rows]

        def at(column: Count) -> Array:
            return np.broadcast_to(column, self._shape)[:, kinds]

        for row in range(len(self.works.each)):
            yield self.works.one(row, (slice(None), kinds))
        for message in self.messages:
            yield message.at(at)

    @property
    def all(self) -> tuple[AnyWork | Message, ...]:
        """What each row of ``operators`` is of, in all steps and shards."""
        return (*self.works.each, *self.messages)

    @property
    def _shape(self) -> tuple[int, ...]:
        return self.works.flops.shape[1:]

    def _repeats(self, counts: Array, kinds: IntArray) -> Array:
        """How often the layer counts repeat what; [O, S, T, P]."""
        each = np.empty((len(self.all), LAYER_COUNTS, *self._shape))
        for row, one in enumerate(self.all):
            each[row] = one.repeats
        return (each[:, :, None, :, kinds] * counts[:, :, None]).sum(axis=1)
