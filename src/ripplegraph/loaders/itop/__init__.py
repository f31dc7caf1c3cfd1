"""iTop: XML sets, CSV exports and REST answers as CIs, relations, agreements and calendars."""

from ripplegraph.loaders.itop.read import (
    itop_claims_document,
    itop_claims_table,
    itop_records,
)

__all__ = ["itop_claims_document", "itop_claims_table", "itop_records"]
