"""Where webhooks may be sent: what keeps a subscription from reaching into the network here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Protocol
from urllib.parse import urlsplit

from ripplegraph.errors import InvalidEventError

LONGEST_URL = 2_000
RULES_ARE_AT = "docs/events.md says where webhooks may go"
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"))
"""IPv6 addresses that stand for IPv4 ones, which may be private."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRules:
    """Where webhooks may go.

    Parameters
    ----------
    allowed_hosts
        Hosts (``host`` or ``host:port``, lower case) that may be plain http or private.
    allow_private
        True lets every host have a private address.
    """

    allowed_hosts: frozenset[str] = frozenset()
    allow_private: bool = False

    def allows_by_name(self, host: str, port: int) -> bool:
        """Return whether a host is allowed explicitly."""
        return host in self.allowed_hosts or f"{host}:{port}" in self.allowed_hosts


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A checked address of a receiver."""

    is_secure: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """The host as HTTP names it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.is_secure else 80) else f"{name}:{self.port}"


class Poster(Protocol):
    """What sends to receivers; it follows no redirect."""

    def addresses_of(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host; raises ``OSError`` if there are none."""
        ...

    def post(self, target: Target, address: str, body: bytes, headers: dict[str, str]) -> int:
        """Send to a target at that very address, and return the status of the answer.

        Raises ``OSError`` if no answer came in time.
        """
        ...


def target_of(url: str, rules: WebhookRules) -> Target:
    """Return the target that a URL names, else raise an InvalidEventError."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
        host = host if _address(host) else host.encode("idna").decode()
    except ValueError as exc:
        reason = "url is no address"
        raise InvalidEventError(reason, RULES_ARE_AT) from exc
    is_secure = parts.scheme == "https"
    number = port if port is not None else 443 if is_secure else 80
    flaw = _flaw(url, is_secure=is_secure, is_named=rules.allows_by_name(host, number))
    if flaw:
        raise InvalidEventError(flaw, RULES_ARE_AT)
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    target = Target(is_secure=is_secure, host=host, port=number, path=path + query)
    if _address(host) is not None:  # nothing needs to be looked up to know
        pinned_address(target, (host,), rules)
    return target


def _flaw(url: str, *, is_secure: bool, is_named: bool) -> str:
    parts = urlsplit(url)
    if len(url) > LONGEST_URL or not (url.isascii() and url.isprintable()) or " " in url:
        return f"url has more than {LONGEST_URL} characters, or others than an address has"
    if not parts.hostname or parts.scheme not in ("http", "https"):
        return "url does not start with https:// and a host"
    if not is_secure and not is_named:
        return "url is not https, and its host is none that whoever runs the server allows"
    if parts.username is not None or parts.fragment:
        return "url holds a user, a password or a fragment"
    return ""


def pinned_address(target: Target, addresses: Sequence[str], rules: WebhookRules) -> str:
    """Return the address to connect to; all addresses of the host must be public ones.

    It was resolved once and is connected to as it is, so that a name cannot lead elsewhere
    between the look and the connection (DNS rebinding).
    """
    if not addresses:
        reason = "its host has no address"
        raise InvalidEventError(reason, RULES_ARE_AT)
    is_free = rules.allow_private or rules.allows_by_name(target.host, target.port)
    if not is_free and not all(is_public(one) for one in addresses):
        reason = "its host has an address that is not public"
        raise InvalidEventError(reason, RULES_ARE_AT)
    return addresses[0]


def is_public(text: str) -> bool:
    """Return whether an address is one of the public internet."""
    address = _address(text)
    if address is None:
        return False
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
