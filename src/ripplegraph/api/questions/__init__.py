"""The questions of the API: what each may ask, and how it is answered from a graph."""
