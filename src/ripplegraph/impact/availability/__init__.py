"""Exact availability: from CI failures to the probability that a service is down."""
