"""Agreements: whether the target of an SLA follows from what its services rest on."""
