"""Which address the service may listen on, and which names it answers to."""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from llm_simulator.errors import InvalidInput
from llm_simulator.security.tokens import Doorkeeper, TokenFile
from llm_simulator.settings import Settings


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address or name.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "0.0.0.0", "192.168.1.2", "")]
    [True, True, False, False, False]
    """
    try:
        found = socket.getaddrinfo(host or "0.0.0.0", None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(ipaddress.ip_address(entry[4][0]).is_loopback for entry in found)


def doorkeeper_of(settings: Settings) -> Doorkeeper | None:
    """Who checks tokens; None where the flag says that somebody else does."""
    if settings.allow_unauthenticated:
        return None
    return Doorkeeper(
        TokenFile(settings.data_dir), settings.api_tokens, exposed=not is_loopback(settings.host)
    )


def refuse_to_be_open(settings: Settings) -> None:
    """Raises InvalidInput when the service would be open to everybody on the network."""
    doorkeeper = doorkeeper_of(settings)
    if doorkeeper is None or is_loopback(settings.host) or doorkeeper.has_tokens:
        return
    raise InvalidInput.at(
        "host",
        f"on {settings.host} everybody who reaches this machine could use the service; create a "
        "token first (tier6 token create NAME), or set TIER6_ALLOW_UNAUTHENTICATED=true if a "
        "proxy in front checks who calls",
    )


def host_names(settings: Settings) -> frozenset[str]:
    """The names in Host headers that the service answers to, beside plain addresses."""
    of_pages = {urlsplit(origin).hostname or "" for origin in settings.origins}
    return frozenset({"localhost", settings.host, *of_pages, *settings.allowed_hosts})


def answers_to(host: str, names: Collection[str]) -> bool:
    """Whether a request with this Host header was meant for us.

    A page that rebinds its own name to our address sends that name; an address can't be rebound.

    >>> [answers_to(h, ["localhost"]) for h in ("localhost:8001", "[::1]:8001", "10.0.0.1")]
    [True, True, True]
    >>> [answers_to(h, ["localhost"]) for h in ("evil.example", "localhost.evil.example:80", "[")]
    [False, False, False]
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        ipaddress.ip_address(name)
    except ValueError:
        return host.rsplit(":", 1)[0].lower() in names
    return True
