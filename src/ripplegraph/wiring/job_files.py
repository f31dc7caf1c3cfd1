"""The files by which a job and its process talk to each other, in the folder of the job."""

from __future__ import annotations

ORDER_FILE = "order.json"
GRAPH_FILE = "graph.pickle"
RESULT_FILE = "result.json"
ERROR_FILE = "error.json"
LOG_FILE = "log.txt"
