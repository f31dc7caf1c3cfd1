"""The shared store: revisions of one estate in a Neo4j server, for many users at once."""
