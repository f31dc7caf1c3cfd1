"""The loaders reading room."""
