"""Signatures as Standard Webhooks has them (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64
"""Bytes of a key."""


def keys_of(secret: str) -> tuple[bytes, ...]:
    """Return the keys in a secret: ``whsec_`` and base64; several, by spaces, while one changes.

    Raises ``ValueError`` if it is no such secret; the message does not hold it.
    """
    keys = tuple(_key(one) for one in secret.split())
    if not keys:
        msg = "it is empty"
        raise ValueError(msg)
    return keys


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error as exc:
        msg = "it is not whsec_ and base64"
        raise ValueError(msg) from exc
    if not text.startswith(PREFIX) or not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        msg = f"it is not whsec_ and the base64 of {SHORTEST_KEY} to {LONGEST_KEY} bytes"
        raise ValueError(msg)
    return key


def signed_headers(
    message_id: str, seconds: int, body: bytes, keys: Sequence[bytes]
) -> dict[str, str]:
    """Return the headers by which a receiver knows who sent a body, and when."""
    content = f"{message_id}.{seconds}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        for key in keys
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signatures),
    }
