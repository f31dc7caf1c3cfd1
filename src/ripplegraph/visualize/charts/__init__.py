"""Charts as SVG text: no script, readable in print, same numbers same bytes."""
