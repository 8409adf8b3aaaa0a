"""Who may talk to the admin service through a browser: nobody but its own page.

A page of the open web can send requests to 127.0.0.1, and with DNS rebinding it can even read the answers under a name
of its own. Both are told apart by headers that a browser always sends and that a page can't set: Host, Origin and
Sec-Fetch-Site. No CORS header is ever sent.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from mock.engine.request import Request

_OWN = (b"same-origin", b"none")  # "none": typed into the address bar


def foreign(request: Request, *, named: bool = False) -> str | None:
    """Why the request is refused, None for one that is welcome.

    `named`: the server may be called by any host name, because whoever calls it has to know a token.
    """
    host = (request.header(b"host") or request.header(b":authority") or b"").decode("latin-1")
    if not named and not _address(host):
        return (
            f"the admin service does not answer to the name {host!r} (DNS rebinding); "
            "use localhost or an IP address, or start the mock with --token"
        )
    site = request.header(b"sec-fetch-site")
    if site is not None and site not in _OWN:
        return f"the admin service takes no {site.decode('latin-1')} requests of browsers"
    origin = request.header(b"origin")
    if origin is not None and not _same(origin.decode("latin-1"), host, request.connection.secure):
        return f"the admin service takes no requests of pages of {origin.decode('latin-1')!r}"
    return None


def _address(host: str) -> bool:
    """Whether no name server had a say: an IP address, localhost, or no host at all (HTTP/1.0, Unix sockets)."""
    if not host:
        return True
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    name = name.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(origin: str, host: str, secure: bool) -> bool:
    return origin.lower() == f"{'https' if secure else 'http'}://{host.lower()}"
