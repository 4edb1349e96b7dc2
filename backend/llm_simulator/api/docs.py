"""The API's own page at /docs, complete without any other server.

FastAPI's page loads its script from a content network; this one has it from the fastapi-offline
package, so it also works where there is no internet.
"""

import re

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from llm_simulator.api.headers import content_policy

ASSETS = "/docs-assets"


def install(app: FastAPI) -> None:
    """Adds the page and its files to ``app``."""
    app.mount(ASSETS, StaticFiles(packages=[("fastapi_offline", "static")]), name="docs-assets")

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        """The page."""
        root = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=f"{app.title} API",
            swagger_js_url=f"{root}{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{root}{ASSETS}/favicon.png",
        )
        scripts = re.findall(rb"<script>(.*?)</script>", bytes(page.body), re.DOTALL)
        page.headers["Content-Security-Policy"] = content_policy(scripts)
        return page
