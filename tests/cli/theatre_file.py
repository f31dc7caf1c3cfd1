"""A fault tree that SCRAM ships, as a file to ask about."""

from __future__ import annotations

from pathlib import Path

THEATRE = """\
<?xml version="1.0"?>
<opsa-mef><define-fault-tree name="Theatre">
  <define-gate name="Supply">
    <and><basic-event name="mains"/><gate name="Standby"/></and>
  </define-gate>
  <define-gate name="Standby">
    <or><basic-event name="generator"/><basic-event name="relay"/></or>
  </define-gate>
  <define-basic-event name="mains"><float value="0.03"/></define-basic-event>
  <define-basic-event name="generator"><float value="0.02"/></define-basic-event>
  <define-basic-event name="relay">{relay}</define-basic-event>
</define-fault-tree></opsa-mef>
"""
RELAY = '<float value="0.05"/>'


def write_theatre(folder: Path, *, relay: str = RELAY) -> str:
    """Write the power supply of a theatre; without a relay, its probability is unknown."""
    path = folder / ("theatre.xml" if relay else "half.xml")
    path.write_text(THEATRE.format(relay=relay), encoding="utf-8")
    return str(path)
