"""The loaders mapping room."""
