"""The CIs of one iTop export: an id is unique among the classes that share a root."""

from __future__ import annotations

from dataclasses import dataclass, field

from ripplegraph.loaders.itop.tables import FUNCTIONAL_CIS

FUNCTIONAL_CI = "FunctionalCI"


@dataclass(slots=True)
class Register:
    """Keys (``Server::1``) by root class and id, and what organisations are called."""

    key_of: dict[tuple[str, str], str] = field(default_factory=dict)
    keys_of_name: dict[str, list[str]] = field(default_factory=dict)
    class_of_key: dict[str, str] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)

    def enter(self, class_name: str, number: str, name: str) -> str:
        """Enter a CI; return its key."""
        key = f"{class_name}::{number}"
        self.key_of.setdefault((root_of(class_name), number), key)
        self.keys_of_name.setdefault(name, []).append(key)
        self.class_of_key.setdefault(key, class_name)
        return key

    def find(self, root: str, number: str) -> str:
        """Return the key that a reference to a class means; what is unknown stands for itself."""
        if "::" in number:
            return number
        known = self.key_of.get((root, number))
        if known is not None:
            return known
        named = self.keys_of_name.get(number, ())
        if not number.isdecimal() and len(named) == 1:
            return named[0]
        return f"{root}::{number}"


def root_of(class_name: str) -> str:
    """Return the class among whose objects an id of this class is unique."""
    return FUNCTIONAL_CI if class_name in FUNCTIONAL_CIS else class_name
