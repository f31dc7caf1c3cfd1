"""Sends webhooks over HTTP: to the address that was checked, without redirects, within limits."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ripplegraph.api.events.webhooks.targets import Target

SECONDS_PER_STEP = 10.0
SECONDS_IN_ALL = 20.0
"""After which an answer that drips in is cut off."""


class HttpPoster:
    """Posts over HTTP or TLS; names are resolved by the system."""

    def __init__(self, trusted: ssl.SSLContext | None = None) -> None:
        self._trusted = trusted or ssl.create_default_context()

    def addresses_of(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return tuple(dict.fromkeys(str(one[4][0]) for one in found))

    def post(self, target: Target, address: str, body: bytes, headers: dict[str, str]) -> int:
        """Send to a target at that very address, and return the status of the answer."""
        connection = _PinnedConnection(target, address, self._trusted)
        limit = Timer(SECONDS_IN_ALL, connection.cut)
        limit.daemon = True
        limit.start()
        try:
            named = {**headers, "host": target.host_header, "user-agent": "ripplegraph"}
            connection.request("POST", target.path, body=body, headers=named)
            return connection.getresponse().status
        except HTTPException as exc:
            reason = f"it does not speak HTTP ({type(exc).__name__})"
            raise OSError(reason) from exc
        finally:
            limit.cancel()
            connection.close()


class _PinnedConnection(HTTPConnection):
    """A connection to one address, whatever its name leads to by now."""

    def __init__(self, target: Target, address: str, trusted: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS_PER_STEP)
        self._target, self._address, self._trusted = target, address, trusted

    def connect(self) -> None:
        """Connect to the address; a secure host must show a certificate for its name."""
        plain = socket.create_connection((self._address, self._target.port), self.timeout)
        self.sock = plain
        if self._target.is_secure:
            self.sock = self._trusted.wrap_socket(plain, server_hostname=self._target.host)

    def cut(self) -> None:
        """End what goes on, from another thread."""
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:  # it ended by itself
                return
