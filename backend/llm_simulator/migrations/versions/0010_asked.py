"""What each task was asked, in short, and words of it among what lists search.

Revision ID: 0010
Revises: 0009
"""

from math import prod
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TASKS = "evaluation_tasks"
TIERS = ("pods", "racks_per_pod", "boards_per_rack", "chips_per_board")
LIMITS = ("max_ttft_ms", "max_tpot_ms", "max_e2e_latency_ms")
AT_ONCE = 500
ROWS = sa.table(
    TASKS,
    sa.column("id", sa.Integer()),
    sa.column("asked", sa.JSON(none_as_null=True)),
    sa.column("search_text", sa.String()),
)


def upgrade() -> None:
    """Part by part: requests are large."""
    op.add_column(TASKS, sa.Column("asked", sa.JSON(), nullable=True))
    last = 0
    while rows := _rows_after(last):
        for row in rows:
            question = _asked(row.request or {})
            text = (row.search_text + _words(question))[:600]
            values = {"asked": question, "search_text": text}
            op.get_bind().execute(sa.update(ROWS).where(ROWS.c.id == row.id).values(values))
        last = rows[-1].id


def downgrade() -> None:
    """Texts lose the words that a step up would add again."""
    last = 0
    while rows := _rows_after(last):
        for row in rows:
            words = _words(_asked(row.request or {}))
            text = {"search_text": row.search_text.removesuffix(words)}
            op.get_bind().execute(sa.update(ROWS).where(ROWS.c.id == row.id).values(text))
        last = rows[-1].id
    op.drop_column(TASKS, "asked")


def _rows_after(last: int) -> "list[sa.Row[Any]]":
    query = sa.text(
        f"SELECT id, search_text, request FROM {TASKS} WHERE id > :last ORDER BY id LIMIT {AT_ONCE}"
    ).columns(sa.column("id"), sa.column("search_text"), sa.column("request", sa.JSON()))
    return list(op.get_bind().execute(query, {"last": last}).all())


def _asked(request: dict[str, Any]) -> dict[str, Any]:
    """What a sweep varies is left open."""
    sweep = [str(axis["field"]) for axis in request.get("sweep") or () if "field" in axis]
    for field in sweep:
        part, _, name = field.partition(".")
        part = "hardware" if part == "chip" else part
        rest = {key: value for key, value in (request.get(part) or {}).items() if key != name}
        request = {**request, part: rest if name else None}
    load, search = request.get("inference") or {}, request.get("search_constraints") or {}
    topology = request.get("topology") or {}
    sizes = [topology[name] for name in TIERS if topology.get(name)]
    counts = [prod(sizes) if len(sizes) == len(TIERS) else None, search.get("max_chips")]
    tried = search.get("batch_sizes") or [load.get("batch_size")]
    tried = [] if isinstance(tried, str) else [size for size in tried if size]
    return {
        "chip": (request.get("hardware") or {}).get("name"),
        "decode_chip": (request.get("decode_hardware") or {}).get("name"),
        "chips": _least(counts),
        "input_tokens": load.get("input_seq_length"),
        "output_tokens": load.get("output_seq_length"),
        "least_concurrency": min(tried, default=None),
        "most_concurrency": max(tried, default=None),
        "request_rate": (load.get("traffic") or {}).get("request_rate"),
        **{name: _least([search.get(name), load.get(name)]) for name in LIMITS},
        "limit_percentile": search.get("limit_percentile"),
        "min_request_rate": search.get("min_request_rate"),
        "engine": load.get("engine"),
        "serving": search.get("serving") or "aggregated",
        "objective": search.get("objective") or "throughput",
        "risk": search.get("risk") or "mean",
        "sweep": sweep,
        "hypothetical": request.get("candidates") is not None,
    }


def _least(values: list[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)


def _words(question: dict[str, Any]) -> str:
    chips, read, written = (question[n] for n in ("chips", "input_tokens", "output_tokens"))
    words = [
        chips and f"{chips}x{question['chip'] or ''}",
        question["decode_chip"],
        read and f"{_short(read)} in",
        written and f"{_short(written)} out",
        question["engine"],
        *question["sweep"],
    ]
    return "".join(f" / {' '.join(word.casefold().split())}" for word in words if word)


def _short(tokens: int) -> str:
    return f"{tokens // 1024}k" if tokens % 1024 == 0 else str(tokens)
