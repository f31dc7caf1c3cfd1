"""What networkx reads about us when it is imported; apart, so that it stays cheap.

It imports nothing: networkx asks for it while it is still importing itself.
"""

from __future__ import annotations


def backend_info() -> dict[str, object]:
    """Return the metadata of the networkx backend.

    Examples
    --------
    >>> backend_info()["backend_name"]
    'ripplegraph'
    """
    return {
        "backend_name": "ripplegraph",
        "project": "ripplegraph",
        "package": "ripplegraph.graph.networkx_bridge",
        "short_summary": "Service graphs in networkx algorithms: reach on arrays, else converted.",
        "functions": {"ancestors": {}, "descendants": {}},
    }
