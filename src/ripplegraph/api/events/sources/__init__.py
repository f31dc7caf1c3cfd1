"""The sources of events, one module each: what they send becomes notices."""
