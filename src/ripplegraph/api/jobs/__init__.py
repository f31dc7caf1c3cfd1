"""Jobs: imports and heavy questions that are done beside the queries."""
