"""OpenSLO: availability objectives as agreements, and agreements with verdicts as OpenSLO."""

from ripplegraph.loaders.openslo.read import openslo_claims_document, openslo_records
from ripplegraph.loaders.openslo.write import OpenSloEntry, openslo_text

__all__ = ["OpenSloEntry", "openslo_claims_document", "openslo_records", "openslo_text"]
