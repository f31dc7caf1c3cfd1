"""Outages from incident logs, only by a rule file that says which tickets are which outages."""

from ripplegraph.loaders.outage_rule_file import OutageRule, read_outage_rules
from ripplegraph.loaders.outage_rules.apply import apply_outage_rules, is_ruled

__all__ = ["OutageRule", "apply_outage_rules", "is_ruled", "read_outage_rules"]
