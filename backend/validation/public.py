"""The public figures as lines of the baseline."""

from collections.abc import Iterable

from validation.answers import QUANTITIES, Answer, answer
from validation.baseline import Line, rounded
from validation.curves import plan_text
from validation.figures import Point, PublicFigure

DOES_NOT_FIT = "does not fit"


def public_lines(figures: Iterable[PublicFigure]) -> list[Line]:
    """One line per figure, point and quantity."""
    lines = []
    for figure in figures:
        for point in figure.points:
            answered = answer(figure, point)
            lines += [_line(figure, point, answered, quantity) for quantity in point.measured]
    return lines


def _line(figure: PublicFigure, point: Point, answered: Answer, quantity: str) -> Line:
    measured, predicted = point.measured[quantity], answered.predicted[quantity]
    maximum = "max " if point.concurrency == "maximum" else ""
    lengths = figure.inference
    return Line(
        part="public",
        case=figure.id,
        quantity=QUANTITIES[quantity].label,
        model=figure.model_name,
        chip=figure.hardware,
        engine=figure.engine,
        precision=figure.precision,
        lengths=f"{lengths['input_seq_length']}/{lengths['output_seq_length']}",
        plan=plan_text(answered.plan),
        concurrency=f"{maximum}{answered.concurrency}",
        unit=QUANTITIES[quantity].unit,
        measured=rounded(measured),
        predicted=rounded(predicted),
        ratio=rounded(predicted / measured, 3),
        note="" if answered.fits else DOES_NOT_FIT,
    )
