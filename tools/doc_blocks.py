"""What the generated blocks of README.md and docs/ hold: real output of real commands.

Each block names a function of this module; ``tools/generate_docs.py`` runs them.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run_cli(command: str) -> str:
    """Return what a ``ripplegraph`` command prints, with the project as working folder."""
    words = shlex.split(command)
    assert words[0] == "ripplegraph", command
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RIPPLEGRAPH_", "COV_", "COVERAGE_"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "ripplegraph", *words[1:]],
        cwd=ROOT,
        env={**environment, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode == 2 or "Traceback" in done.stderr:
        message = f"{command} ended with {done.returncode}:\n{done.stderr}{done.stdout}"
        raise RuntimeError(message)
    return done.stdout


def shell(*commands: str, lines: int = 0) -> str:
    """Return a console block: each command with what it prints, cut after ``lines`` if given."""
    parts = []
    for command in commands:
        printed = run_cli(command).rstrip().splitlines()
        if lines and len(printed) > lines:
            printed = [*printed[:lines], f"... ({len(printed) - lines} more lines)"]
        parts.append("\n".join([f"$ {command}", *(line.rstrip() for line in printed)]))
    return _block("console", "\n\n".join(parts))


def demo(lines: int = 0) -> str:
    """Return what ``make demo`` prints; each command but ``impact`` cut after ``lines`` if given.

    The place of the view is written the same everywhere.
    """
    with tempfile.TemporaryDirectory() as folder:
        view = Path(folder) / "online-shop.html"
        done = subprocess.run(
            [sys.executable, str(ROOT / "tools" / "demo.py"), "--view", str(view)],
            cwd=ROOT,
            env={**os.environ, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        printed = done.stdout.replace(str(view), "build/online-shop.html")
    steps = re.split(r"\n\n(?=# |Open )", printed.strip())
    shown = [
        step if not lines or "ripplegraph impact" in step else _cut(step, lines) for step in steps
    ]
    return _block("console", "$ make demo\n" + "\n\n".join(shown))


def _cut(text: str, lines: int) -> str:
    """Return the first lines, and how many more there are."""
    printed = [line.rstrip() for line in text.splitlines()]
    if len(printed) <= lines + 1:
        return "\n".join(printed)
    return "\n".join([*printed[:lines], f"... ({len(printed) - lines} more lines)"])


def python(code: str) -> str:
    """Return Python code that runs, with what it prints."""
    code = code.strip("\n")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.chdir(ROOT):
        exec(compile(code, "<docs>", "exec"), {"__name__": "__docs__"})
    return f"{_block('python', code)}\n\n{_block('text', printed.getvalue().rstrip())}"


def test_count() -> str:
    """Return one sentence on how many tests there are, counted in the source of the tests.

    Rounded down to a hundred: else each new test would change the README.
    """
    counts = [
        sum(_is_test(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
    ]
    return (
        f"`make test` runs more than {sum(counts) // 100 * 100:,} test functions, "
        "many of them with several inputs, and the examples in the docstrings."
    )


def _is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")


def finding_rows() -> str:
    """Return the catalogue of findings as a table."""
    from ripplegraph.graph.findings import FINDING_CATALOGUE

    rows = ["| code | severity | meaning | what to do |", "|---|---|---|---|"]
    rows += [
        f"| `{code}` | {rule.severity.value} | {_cell(rule.meaning)} | {_cell(rule.advice)} |"
        for code, rule in sorted(FINDING_CATALOGUE.items())
    ]
    return "\n".join(rows)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"


def api_reference() -> str:
    """Return every public function with its signature and first sentence."""
    import ripplegraph

    parts = []
    for name in sorted(ripplegraph.__all__):
        thing = getattr(ripplegraph, name)
        if name.startswith("_") or not callable(thing):
            continue
        if inspect.ismodule(thing):  # the room ``impact`` is also the question of that name
            thing = importlib.import_module("ripplegraph.impact.propagation.answers").impact
        first = (inspect.getdoc(thing) or "").split("\n\n")[0]
        if inspect.isclass(thing):
            parts.append(f"### class `{name}`\n\n{first}")
            continue
        signature = str(inspect.signature(thing)).replace("'", "")
        parts.append(f"### `{name}{signature}`\n\n{first}")
    return "\n\n".join(parts)
