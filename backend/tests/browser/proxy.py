"""A real nginx between the browser and the service."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.service.running_server import eventually, free_port

HOST = "proxy_set_header Host $http_host;"
UPGRADE = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    "proxy_set_header Connection upgrade;"
)

CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location {path}/ {{ proxy_pass {target}/; {headers} }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, target: str, *headers: str, path: str = "") -> Iterator[str]:
    """The address at which nginx serves the target beneath a path, with these directives."""
    program = shutil.which("nginx") or pytest.skip("nginx is not installed")
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(
            folder=folder, port=port, target=target, path=path, headers=" ".join(headers)
        )
    )
    process = subprocess.Popen([program, "-c", str(configuration), "-p", str(folder)])
    address = f"http://127.0.0.1:{port}{path}"
    try:
        eventually(lambda: _answers(f"{address}/healthz"), "nginx answers")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).is_success
    except httpx.TransportError:
        return False
