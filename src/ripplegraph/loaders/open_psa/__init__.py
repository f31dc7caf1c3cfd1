"""Open-PSA MEF fault trees (XML): read as formulas, and services written as fault trees."""

from __future__ import annotations

from ripplegraph.loaders.open_psa.read import is_open_psa, read_open_psa
from ripplegraph.loaders.open_psa.write import open_psa_text

__all__ = ["is_open_psa", "open_psa_text", "read_open_psa"]
