"""Which names the service answers to, whose pages may use it, and which requests are local."""

import ipaddress
import socket
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from llm_simulator.settings import Settings

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers by which a proxy says that it asks for somebody else."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OWN_FETCHES = ("same-origin", "none")


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


def is_local(peer: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a request comes from this machine, and no proxy hands it on for another.

    >>> is_local("127.0.0.1", {}), is_local("127.0.0.1", {"x-forwarded-for": "10.0.0.1"})
    (True, False)
    >>> is_local("10.0.0.1", {}), is_local(None, {})
    (False, False)
    """
    try:
        near = ipaddress.ip_address(peer or "").is_loopback
    except ValueError:
        return False
    return near and not any(name in headers for name in FORWARDED)


def host_name(host: str) -> str:
    """The name or address in a Host header or setting, as names are compared.

    >>> [host_name(h) for h in ("Tier6.Example.:8001", "[::1]:8001", "10.0.0.1", "[", "")]
    ['tier6.example', '::1', '10.0.0.1', '', '']
    """
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def host_names(settings: Settings) -> frozenset[str]:
    """The names in Host headers that the service answers to, beside plain addresses."""
    of_pages = (urlsplit(origin).netloc for origin in settings.origins)
    given = ("localhost", settings.host, *of_pages, *settings.allowed_hosts)
    return frozenset(host_name(host) for host in given)


def answers_to(host: str, names: Collection[str]) -> bool:
    """Whether a request with this Host header was meant for us.

    A page that rebinds its own name to our address sends that name; an address can't be rebound.

    >>> [answers_to(h, ["localhost"]) for h in ("LocalHost.:8001", "[::1]:8001", "10.0.0.1")]
    [True, True, True]
    >>> [answers_to(h, ["localhost"]) for h in ("evil.example", "localhost.evil.example:80", "[")]
    [False, False, False]
    """
    name = host_name(host)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name in names
    return True


def is_foreign(method: str, headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Whether a browser says that a page of another site asks, for something that has effects.

    A page may ask that has our own address or is listed; programs send neither header.

    >>> ours = {"host": "tier6.example", "origin": "https://tier6.example"}
    >>> evil = {"host": "tier6.example", "origin": "https://evil.example"}
    >>> [is_foreign("POST", h, []) for h in (ours, evil, {}, {"sec-fetch-site": "cross-site"})]
    [False, True, False, True]
    >>> is_foreign("GET", evil, []), is_foreign("POST", evil, ["https://evil.example"])
    (False, False)
    """
    if method in SAFE_METHODS:
        return False
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") not in OWN_FETCHES
    if origin.lower() in origins:
        return False
    host = headers.get("host")
    return not host or origin.lower().partition("://")[2] != host.lower()
