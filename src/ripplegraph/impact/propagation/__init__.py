"""The impact propagation room."""
