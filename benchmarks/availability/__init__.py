"""Benchmarks of exact availability beside SCRAM: ``python -m benchmarks.availability``."""
