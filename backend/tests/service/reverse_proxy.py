"""A real nginx in front of a server, as an operator would set it up."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.service.running_server import eventually, free_port

HOST = "proxy_set_header Host $http_host;"
FORWARDED = "proxy_set_header X-Forwarded-For $remote_addr;"
UPGRADE = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    "proxy_set_header Connection $http_connection;"
)

CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port}{tls};
    location {path}/ {{ proxy_pass {target}; {headers} }}
  }}
}}
"""
TLS = " ssl; ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem"
CERTIFICATE = (
    *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
    *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
)


@contextmanager
def nginx(
    folder: Path, target: str, *headers: str, path: str = "", strips: bool = True, tls: bool = False
) -> Iterator[str]:
    """The address at which nginx serves the target beneath a path, with these directives."""
    port = free_port()
    if tls:
        make_certificate(folder)
    (folder / "nginx.conf").write_text(
        CONFIGURATION.format(
            folder=folder,
            port=port,
            path=path,
            target=f"{target}/" if strips else target,
            tls=TLS.format(folder=folder) if tls else "",
            headers=" ".join(headers),
        )
    )
    command = [_program("nginx"), "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    process = subprocess.Popen([*command, "-e", str(folder / "error.log")])
    address = f"http{'s' if tls else ''}://127.0.0.1:{port}{path}"
    try:
        eventually(lambda: _answers(f"{address}/healthz", folder, tls), "nginx answers")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def trusting(folder: Path) -> ssl.SSLContext:
    """What trusts the certificate made there, and no other."""
    return ssl.create_default_context(cafile=str(folder / "certificate.pem"))


def make_certificate(folder: Path) -> None:
    """A certificate and its key for 127.0.0.1."""
    places = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run([_program("openssl"), *CERTIFICATE, *places], check=True, capture_output=True)


def _program(name: str) -> str:
    return shutil.which(name) or pytest.fail(f"{name} is not installed (.ci/run does that)")


def _answers(address: str, folder: Path, tls: bool) -> bool:
    try:
        return httpx.get(address, verify=trusting(folder) if tls else True).is_success
    except httpx.TransportError:
        return False
