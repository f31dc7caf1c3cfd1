"""The file of keys of the API, and the pepper under which they are hashed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ripplegraph.errors import SettingsError

if TYPE_CHECKING:
    from ripplegraph.api.keys import KeyFile


def read_key_file(path: Path, *, may_be_missing: bool = False) -> KeyFile:
    """Return the keys in a file."""
    from pydantic import ValidationError

    from ripplegraph.api.keys import KeyFile

    if may_be_missing and not path.exists():
        return KeyFile()
    try:
        return KeyFile.model_validate_json(path.read_bytes())
    except OSError as exc:
        reason = f"{path} cannot be read"
        advice = "Make it: ripplegraph keys create"
        raise SettingsError(setting="--keys", reason=reason, advice=advice) from exc
    except ValidationError as exc:
        reason = f"{path} is no file of keys"
        advice = "Make one: ripplegraph keys create"
        raise SettingsError(setting="--keys", reason=reason, advice=advice) from exc


def write_key_file(path: Path, held: KeyFile) -> None:
    """Write the keys, at once and whole, for the owner's eyes only."""
    import os

    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(held.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def pepper() -> bytes:
    """Return the pepper under which keys are hashed; without one there are no keys."""
    from ripplegraph.api.keys import SHORTEST_PEPPER
    from ripplegraph.settings import read_settings

    found = read_settings().pepper.encode()
    if len(found) < SHORTEST_PEPPER:
        raise SettingsError(
            setting="RIPPLEGRAPH_PEPPER_FILE",
            reason=f"keys need a pepper of {SHORTEST_PEPPER} characters or more",
            advice="Write random text to a file that only the server reads, and name it here",
        )
    return found
