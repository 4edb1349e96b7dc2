"""The built front end, served by the service itself."""

import re
from html import escape
from pathlib import Path

from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

NOT_BUILT = """<!doctype html><title>Tier6</title><p>The web page is not built yet. Run
<code>make serve</code>, or <code>cd frontend && pnpm install && pnpm build</code>. The API is at
<a href="docs">/docs</a>.</p>"""
OF_THE_SERVICE = ("api", "ws", "metrics")
BASE = re.compile(r'<base href="[^"]*" ?/?>')
FOREVER = "public, max-age=31536000, immutable"


class Page(StaticFiles):
    """Files of the build; any other address is the page's own, which it shows by itself.

    The application's last resort, not a mount: a route with another method must answer first.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._index = folder / "index.html"

    async def check_config(self) -> None:
        """The page may be built later, or never: the API works without it."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at ``path``, or the page; unknown API addresses and files are 404."""
        nothing = HTTPException(404, f"There is nothing at {scope['method']} {scope['path']}.")
        if path.split("/", 1)[0] in OF_THE_SERVICE or scope["method"] not in ("GET", "HEAD"):
            raise nothing
        of_the_page = "." not in path.rsplit("/", 1)[-1]
        if path in (".", "index.html") or (of_the_page and not self._index.is_file()):
            return self._page(scope)
        if not self._index.is_file():
            raise nothing
        try:
            response = await self._file(path, scope)
        except HTTPException as error:
            if error.status_code == 404 and of_the_page:
                return self._page(scope)
            raise nothing from error
        if path.startswith("assets/"):
            # Vite puts a hash of the content into these names.
            response.headers["Cache-Control"] = FOREVER
        return response

    async def _file(self, path: str, scope: Scope) -> Response:
        """The file, as the build compressed it where that is there and understood."""
        if not path.startswith("assets/"):
            return await super().get_response(path, scope)
        coded = "br" in Headers(scope=scope).get("accept-encoding", "")
        coded = coded and self.lookup_path(f"{path}.br")[1] is not None
        response = await super().get_response(f"{path}.br" if coded else path, scope)
        response.headers["Vary"] = "Accept-Encoding"
        if coded:
            response.headers["Content-Encoding"] = "br"
        return response

    def _page(self, scope: Scope) -> Response:
        """The page, whose <base> says under which path a proxy offers it."""
        if not self._index.is_file():
            return HTMLResponse(NOT_BUILT)
        base = f'<base href="{escape(scope.get("root_path", ""))}/" />'
        content = BASE.sub(base, self._index.read_text("utf-8"), count=1)
        return HTMLResponse(content, headers={"Cache-Control": "no-cache"})


class RootPath:
    """Lets a proxy strip the path that it offers the service under, or hand it on.

    ASGI wants the path whole, the root path at its beginning.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        path = scope.get("path", "")
        if path and not f"{path}/".startswith(f"{self._root_path}/"):
            scope = {**scope, "path": self._root_path + path}
        await self._app(scope, receive, send)
