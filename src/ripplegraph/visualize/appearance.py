"""Words, icons and bands: how kinds and statuses read in every view."""

from __future__ import annotations

from ripplegraph.graph.model import CiKind, Status

STATUS_WORDS = {
    Status.UP: "up",
    Status.AT_RISK: "at risk",
    Status.DEGRADED: "degraded",
    Status.DOWN: "down",
}

STATUS_ICONS = {
    Status.UP: "\N{CHECK MARK}",
    Status.AT_RISK: "!",
    Status.DEGRADED: "\N{BLACK DOWN-POINTING TRIANGLE}",
    Status.DOWN: "\N{MULTIPLICATION X}",
}

STATUS_MEANINGS = {
    Status.UP: "works",
    Status.AT_RISK: "works, redundancy is lost",
    Status.DEGRADED: "works in part",
    Status.DOWN: "does not work",
}

STATUS_COLOURS = {
    Status.UP: "#1a7f4b",
    Status.AT_RISK: "#7d5f00",
    Status.DEGRADED: "#a84b00",
    Status.DOWN: "#b3261e",
}
"""The light theme of ``palette.css``, for what no style sheet reaches."""

KIND_WORDS = {
    CiKind.BUSINESS_SERVICE: "business service",
    CiKind.SERVICE: "service",
    CiKind.SERVICE_OFFERING: "service offering",
    CiKind.APPLICATION: "application",
    CiKind.CLUSTER: "cluster",
    CiKind.DATABASE: "database",
    CiKind.VIRTUAL_MACHINE: "virtual machine",
    CiKind.SERVER: "server",
    CiKind.STORAGE: "storage",
    CiKind.NETWORK: "network",
    CiKind.POWER: "power",
    CiKind.SITE: "site",
    CiKind.EXTERNAL_SERVICE: "external service",
    CiKind.GROUP: "group",
    CiKind.OTHER: "other CI",
}

_BAND_TITLES = {
    CiKind.BUSINESS_SERVICE: "Business services",
    CiKind.SERVICE: "Services",
    CiKind.SERVICE_OFFERING: "Service offerings",
    CiKind.APPLICATION: "Applications",
    CiKind.DATABASE: "Databases",
    CiKind.CLUSTER: "Clusters",
    CiKind.VIRTUAL_MACHINE: "Virtual machines",
    CiKind.SERVER: "Servers",
    CiKind.STORAGE: "Storage",
    CiKind.NETWORK: "Network",
    CiKind.GROUP: "Groups",
    CiKind.POWER: "Power",
    CiKind.SITE: "Sites",
    CiKind.EXTERNAL_SERVICE: "External services",
    CiKind.OTHER: "Other CIs",
}


def bands_below(kind: CiKind | None) -> tuple[tuple[CiKind, str], ...]:
    """Return the bands with their titles from top to bottom; a service's own kind is on top."""
    if kind is None:
        return tuple(_BAND_TITLES.items())
    first = (kind, _BAND_TITLES[kind])
    return (first, *(band for band in _BAND_TITLES.items() if band[0] is not kind))
