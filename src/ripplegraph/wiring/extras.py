"""Libraries of extras: what is said where one is missing."""

from __future__ import annotations

from ripplegraph.errors import MissingExtraError


def missing_extra(exc: ModuleNotFoundError, feature: str, extra: str) -> Exception:
    """Return the error for a library of an extra; a missing module of our own is a bug."""
    if (exc.name or "").split(".")[0] == "ripplegraph":
        return exc
    return MissingExtraError(feature, extra)
