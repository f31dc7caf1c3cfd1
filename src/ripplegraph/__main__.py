"""``python -m ripplegraph`` is the command ``ripplegraph``."""

from ripplegraph.cli.entry import run

if __name__ == "__main__":
    run()
