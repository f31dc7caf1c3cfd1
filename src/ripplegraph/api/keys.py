"""API keys: made once, shown once, kept as a keyed hash; who may do what, and until when.

A key is ``rg_<id>_<secret>`` with 256 random bits. Kept is the HMAC-SHA256 of the secret under a
pepper that lies elsewhere: who steals the file of keys has no key. Random keys need no slow hash.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ripplegraph.api.callers import Caller, CallerRefusal, Credentials, Scope

_KEY = re.compile(r"rg_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
SHORTEST_PEPPER = 32


Tag = Annotated[str, Field(min_length=1, max_length=200)]


class ApiKey(BaseModel):
    """One key as it is kept; the secret itself is nowhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    hmac_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    tags: Annotated[tuple[Tag, ...] | None, Field(min_length=1)] = None
    expires: AwareDatetime | None = None
    is_enabled: bool = True


class KeyFile(BaseModel):
    """The file of keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: tuple[ApiKey, ...] = ()


class KeyRing:
    """The keys of a server; :meth:`caller_of` tells whose a key is."""

    def __init__(self, keys: Iterable[ApiKey], pepper: bytes) -> None:
        if len(pepper) < SHORTEST_PEPPER:
            msg = f"a pepper needs {SHORTEST_PEPPER} bytes or more, got {len(pepper)}"
            raise ValueError(msg)
        self._keys: Mapping[str, ApiKey] = {key.key_id: key for key in keys}
        self._pepper = pepper

    def may_wait(self, authorization: str) -> bool:
        """Return False: the keys are at hand."""
        return False

    def caller_of(self, authorization: str, now: datetime) -> Caller | CallerRefusal:
        """Return who sends this Authorization header, or why nobody is known by it."""
        scheme, _, text = authorization.strip().partition(" ")
        if scheme.casefold() != "bearer" or not text:
            return CallerRefusal.MISSING
        parts = _KEY.fullmatch(text.strip())
        key = self._keys.get(parts[1]) if parts else None
        # an unknown key costs as much time as a known one
        expected = key.hmac_sha256 if key else "0" * 64
        secret = parts[2] if parts else ""
        is_right = hmac.compare_digest(keyed_hash(secret, self._pepper), expected)
        if key is None or not is_right or not key.is_enabled:
            return CallerRefusal.UNKNOWN
        if key.expires is not None and key.expires <= now:
            return CallerRefusal.EXPIRED
        return Caller(
            caller_id=f"key:{key.key_id}",
            name=key.name,
            scopes=frozenset(key.scopes),
            tags=None if key.tags is None else frozenset(key.tags),
            until=key.expires,
        )


class KeysAndTokens:
    """API keys beside the tokens of an identity provider; the prefix of a key tells them apart."""

    def __init__(self, keys: Credentials, tokens: Credentials) -> None:
        self._keys, self._tokens = keys, tokens

    def caller_of(self, authorization: str, now: datetime) -> Caller | CallerRefusal:
        """Return who sends this Authorization header, or why nobody is known by it."""
        return self._kind_of(authorization).caller_of(authorization, now)

    def may_wait(self, authorization: str) -> bool:
        """Return whether telling may take time: with a key it does not."""
        return self._kind_of(authorization).may_wait(authorization)

    def _kind_of(self, authorization: str) -> Credentials:
        text = authorization.strip().partition(" ")[2].strip()
        return self._keys if text.startswith("rg_") else self._tokens


def new_key(  # noqa: PLR0913 - what a key is made of
    *,
    key_id: bytes,
    secret: bytes,
    pepper: bytes,
    name: str,
    scopes: Iterable[Scope],
    expires: datetime | None,
    tags: Iterable[str] = (),
) -> tuple[str, ApiKey]:
    """Return a key to show once, and what is kept of it.

    ``key_id`` are 6 and ``secret`` 32 random bytes. No ``tags`` shows the whole estate.
    """
    text = urlsafe_b64encode(secret).decode().rstrip("=")
    kept = ApiKey(
        key_id=key_id.hex(),
        name=name,
        scopes=tuple(sorted(set(scopes))),
        hmac_sha256=keyed_hash(text, pepper),
        expires=expires,
        tags=tuple(sorted(set(tags))) or None,
    )
    return f"rg_{kept.key_id}_{text}", kept


def keyed_hash(secret: str, pepper: bytes) -> str:
    """Return what is kept of a secret."""
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()
