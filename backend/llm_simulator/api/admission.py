"""How much may be asked for: limits on one search and on the queue."""

from llm_simulator.api.service import Service
from llm_simulator.errors import InvalidInput, QueueFull


def admit(service: Service, total_plans: int) -> None:
    """Raises InvalidInput for too large a search, QueueFull when too many tasks wait."""
    most = service.settings.max_search_plans
    if total_plans > most:
        raise InvalidInput.at(
            "search_constraints",
            f"{total_plans:,} plans are more than the {most:,} that one task may have; narrow the "
            "search (max_chips, fewer batch sizes), or split it into several tasks",
        )
    room = service.settings.max_queued_tasks
    if service.history.waiting(room) >= room:
        raise QueueFull(f"{room:,} tasks wait already; submit again when some have been run.")
