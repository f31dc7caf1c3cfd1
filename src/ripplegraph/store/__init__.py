"""Where graphs are kept: revisions of an estate, read at a revision or a time."""
