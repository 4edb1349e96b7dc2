"""``tier6 serve``: the service and its web page."""

from typing import Annotated

import typer


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve API, WebSocket and web page on http://127.0.0.1:8001.

    Settings come from variables TIER6_..., which README.md lists.
    """
    # Imported here: evaluating without a server must not wait for the web stack.
    from llm_simulator.api.server import serve as run

    given = {"host": host, "port": port}
    raise typer.Exit(run(**{name: value for name, value in given.items() if value is not None}))
