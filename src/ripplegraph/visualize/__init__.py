"""The visualize room."""
