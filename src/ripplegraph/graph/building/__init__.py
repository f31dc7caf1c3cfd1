"""The steps of building a graph: resolve references, then CIs, dependencies, groups, the rest."""
