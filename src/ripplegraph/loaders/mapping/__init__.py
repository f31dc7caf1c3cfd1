"""Mapping files: which way each relation type carries failure, and what each class is."""

from ripplegraph.loaders.mapping.file import mapping_text, shipped_mappings
from ripplegraph.loaders.mapping.rules import (
    ClassDecision,
    GroupDecision,
    MappingRules,
    RelationDecision,
    load_mapping,
)

__all__ = [
    "ClassDecision",
    "GroupDecision",
    "MappingRules",
    "RelationDecision",
    "load_mapping",
    "mapping_text",
    "shipped_mappings",
]
