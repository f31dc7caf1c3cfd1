"""Benchmarks: seeded estates, and rows that time ripplegraph beside its peers in one run."""
