"""The graph room: CIs, dependencies, groups, agreements, and the graph they form. Pure."""
