"""Writes what the docs take from the code: ``--check`` changes nothing and fails if they differ.

README.md and docs/*.md hold blocks that cog fills with the output of real commands;
docs/cli.md and docs/schemas/*.json are generated whole.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from cogapp import Cog

from cli_reference import cli_reference

ROOT = Path(__file__).parents[1]
PROLOGUE = "import cog; from doc_blocks import *"


def main() -> int:
    """Return 0 if all is as the code says (or was written so), 1 if ``--check`` found more."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 on differences"
    )
    check = parser.parse_args().check
    stale = [path for path, text in generated_pages().items() if _differs(path, text)]
    if not check:
        for path, text in generated_pages().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"{'differs' if check else 'written'}: {path.relative_to(ROOT)}", file=sys.stderr)
    filled = fill_blocks(check=check)
    if check and (stale or not filled):
        print("The docs differ from the code. Run: make docs", file=sys.stderr)
        return 1
    return 0 if filled else 1


def generated_pages() -> dict[Path, str]:
    """Return the pages that are generated whole."""
    from ripplegraph.api.schemas import json_schemas

    pages = {ROOT / "docs" / "cli.md": cli_reference()}
    for name, schema in sorted(json_schemas().items()):
        path = ROOT / "docs" / "schemas" / f"{name.replace('/', '-')}.json"
        pages[path] = json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return pages


def fill_blocks(*, check: bool) -> bool:
    """Fill the blocks of every page that has some; return whether all was well."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    with_blocks = [str(page) for page in pages if "[[[cog" in page.read_text(encoding="utf-8")]
    mode = ["--check"] if check else ["-r"]
    options = ["-P", "-I", str(ROOT / "tools"), "-p", PROLOGUE]
    exit_code: int = Cog().main(["cog", *mode, *options, *with_blocks])
    return exit_code == 0


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text(encoding="utf-8") != text


if __name__ == "__main__":
    sys.exit(main())
