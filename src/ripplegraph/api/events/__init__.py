"""Events: outages that come in while the graph is served, and what is told of them."""
