"""The impact room."""
