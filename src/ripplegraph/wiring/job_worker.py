"""The process of one job: ``python -m ripplegraph.wiring.job_worker FOLDER``.

It reads ``order.json``, tells its progress as JSON lines, and writes ``result.json`` or
``error.json``. It ends with the process that started it.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

from ripplegraph.errors import RippleGraphError
from ripplegraph.wiring.job_files import ERROR_FILE, GRAPH_FILE, ORDER_FILE, RESULT_FILE
from ripplegraph.wiring.kernels import keep_kernels

_LOOK_SECONDS = 0.5
_PROGRESS_SECONDS = 0.2
_SHARE_TO_ANSWER = 0.8
_UPLOAD = "upload"
Order = dict[str, Any]


def main(folder: Path) -> int:
    """Do the work in a folder; return the exit code."""
    order: Order = json.loads((folder / ORDER_FILE).read_text(encoding="utf-8"))
    Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    _limit_memory(order["memory_bytes"])
    keep_kernels(on_compile=None, on_no_cache=lambda: None)
    try:
        result = _imported(folder, order) if order["kind"] == "import" else _answer(folder, order)
    except RippleGraphError as error:
        from ripplegraph.api.problems import code_of

        reason = _told(error, order).replace(str(folder / _UPLOAD) + os.sep, "")
        return _failed(folder, code_of(error), reason, cause=str(error))
    except MemoryError:
        return _failed(folder, "memory-budget", "it needs more memory than a job may use")
    (folder / RESULT_FILE).write_text(result, encoding="utf-8")
    return 0


def _told(error: RippleGraphError, order: Order) -> str:
    """Return what the caller is told: what is wrong in an upload, or where in a question."""
    from ripplegraph import errors
    from ripplegraph.api.places import Sent
    from ripplegraph.api.problems import told_with_places
    from ripplegraph.api.questions.heavy import HEAVY_QUESTIONS

    of_upload = errors.ExportError | errors.MappingFileError | errors.InvalidQuantityError
    if isinstance(error, of_upload):
        return str(error)
    asked, names = order.get("asked"), set[str]()
    if order["kind"] == "question":
        names = set(HEAVY_QUESTIONS[order["question"]].model_fields)
    return told_with_places(error, Sent(path={}, query=(), body=asked, names=names))


def _answer(folder: Path, order: Order) -> str:
    from ripplegraph.api.questions.availability import patient
    from ripplegraph.api.questions.heavy import HEAVY_QUESTIONS, answer_of

    with (folder / GRAPH_FILE).open("rb") as file:
        graph = pickle.load(file)  # our own, written just now
    question = HEAVY_QUESTIONS[order["question"]].model_validate(order["asked"])
    moment = datetime.fromisoformat(order["moment"])
    with patient(_SHARE_TO_ANSWER * order["seconds"]):
        return answer_of(graph, question, moment).model_dump_json()


def _imported(folder: Path, order: Order) -> str:
    from ripplegraph.api.schemas import ImportOut, LoadOut
    from ripplegraph.graph.revisions import ImportRules, Missing, Provenance
    from ripplegraph.settings import read_settings
    from ripplegraph.wiring.sources import ExportSource, load_options
    from ripplegraph.wiring.stores import open_estate

    options = load_options(
        read_settings(),
        mapping=order["mapping"],
        time_zone=order["time_zone"],
        day_first=order["day_first"],
        source_name=order["source_name"],
        progress=_Progress(),
    )
    graph = ExportSource([str(folder / _UPLOAD / order["name"])], options).read()
    _refuse_without_rows(order["name"], graph.report.rows_used)
    rules = ImportRules(
        missing=Missing(order["missing"]),
        max_removed_share=order["max_removed"],
        expected_revision=order["expected_revision"],
    )
    provenance = Provenance(
        author=order["author"],
        at=datetime.now(UTC),
        reason=order["reason"],
        source=order["name"],
    )
    published = open_estate(order["store"]).publish(graph, provenance, rules)
    return ImportOut(
        revision=published.number,
        is_new=published.provenance == provenance,
        load=LoadOut.of(graph),
    ).model_dump_json()


def _refuse_without_rows(name: str, rows_used: int) -> None:
    from ripplegraph.errors import UnreadableFileError

    if not rows_used:
        reason, advice = "not one row of it could be used", "Send an export of CIs and relations"
        raise UnreadableFileError(name, reason, advice)


class _Progress:
    """Tells how far reading is, now and then."""

    def __init__(self) -> None:
        self._told_at = 0.0

    def __call__(self, label: str, done: int, total: int) -> None:
        now = monotonic()
        if now - self._told_at >= _PROGRESS_SECONDS:
            self._told_at = now
            sys.stdout.write(json.dumps([label, done, total]) + "\n")
            sys.stdout.flush()


def _failed(folder: Path, code: str, reason: str, *, cause: str = "") -> int:
    """Leave word of a failure: its reason for the caller, its cause for the server's log."""
    told = {"code": code, "reason": reason, "cause": cause}
    (folder / ERROR_FILE).write_text(json.dumps(told), "utf-8")
    return 1


def _end_with_parent(parent: int) -> None:
    """End at once when the server is gone: nobody would hear of what is done here."""
    while os.getppid() == parent:
        sleep(_LOOK_SECONDS)
    os._exit(1)


def _limit_memory(most_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
