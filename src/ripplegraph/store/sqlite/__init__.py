"""The embedded store: one SQLite file, one writer, many readers."""
