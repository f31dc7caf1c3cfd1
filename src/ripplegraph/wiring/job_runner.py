"""Work of jobs in processes of their own, which have budgets and can be killed."""

from __future__ import annotations

import json
import logging
import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from ripplegraph.wiring.job_files import ERROR_FILE, GRAPH_FILE, LOG_FILE, ORDER_FILE, RESULT_FILE

if TYPE_CHECKING:
    from ripplegraph.api.edges import RunningWork, WorkOrder, WorkOutcome, WorkProgress

_LOG = logging.getLogger(__name__)
_MODULE = "ripplegraph.wiring.job_worker"
_MOST_LINE = 10_000
_STORE_UNUSABLE = "store-unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """What one job may use: seconds by the clock, address space, bytes of its result."""

    seconds: float = 900.0
    memory_bytes: int = 8 * 1024**3
    result_bytes: int = 100_000_000


@dataclass(frozen=True, slots=True)
class ProcessRunner:
    """Does each piece of work in a process; ``store`` is where imports are published."""

    store: str | None
    budgets: Budgets = Budgets()

    def start(self, work: WorkOrder) -> RunningWork:
        """Start a piece of work."""
        order = {
            **work.order,
            "store": self.store,
            "seconds": self.budgets.seconds,
            "memory_bytes": self.budgets.memory_bytes,
        }
        (work.folder / ORDER_FILE).write_text(json.dumps(order), encoding="utf-8")
        if work.graph is not None:
            with (work.folder / GRAPH_FILE).open("wb") as file:
                pickle.dump(work.graph, file, protocol=5)
        return _Process(work.folder, self.budgets)


class _Process:
    def __init__(self, folder: Path, budgets: Budgets) -> None:
        self._folder, self._budgets = folder, budgets
        self._deadline = monotonic() + budgets.seconds
        self.progress: WorkProgress | None = None
        with (folder / LOG_FILE).open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # so that what it starts can be killed with it
            )
        self._listening = Thread(target=self._listen, daemon=True)
        self._listening.start()

    def wait(self, seconds: float) -> WorkOutcome | None:
        """Return what came of it, None if it is not done after these seconds."""
        from ripplegraph.api.edges import WorkOutcome

        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            if monotonic() < self._deadline:
                return None
            self.kill()
            reason = f"it took longer than {self._budgets.seconds:g} s"
            return WorkOutcome(code="time-budget", reason=reason)
        self._listening.join(5)
        return self._outcome(code)

    def kill(self) -> None:
        """End it at once, with all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._listening.join(5)

    def _listen(self) -> None:
        """Keep the last line of progress; what is no such line is passed over."""
        from ripplegraph.api.edges import WorkProgress

        assert self._process.stdout is not None
        with self._process.stdout as lines:
            while line := lines.readline(_MOST_LINE):
                try:
                    label, done, total = json.loads(line)
                    told = WorkProgress(label=str(label), done=int(done), total=int(total))
                except (ValueError, TypeError):
                    continue
                self.progress = told

    def _outcome(self, exit_code: int) -> WorkOutcome:
        from ripplegraph.api.edges import WorkOutcome

        result, error = self._folder / RESULT_FILE, self._folder / ERROR_FILE
        if exit_code == 0 and result.exists():
            if result.stat().st_size > self._budgets.result_bytes:
                reason = f"its result has more than {self._budgets.result_bytes:,} bytes"
                return WorkOutcome(code="result-too-large", reason=reason)
            return WorkOutcome(result=result.read_text(encoding="utf-8"))
        if error.exists():
            told = json.loads(error.read_text(encoding="utf-8"))
            if told["code"] == _STORE_UNUSABLE:
                _LOG.error("job %s could not use the store: %s", self._folder.name, told["cause"])
            return WorkOutcome(code=told["code"], reason=told["reason"])
        if exit_code < 0:
            name = signal.Signals(-exit_code).name
            reason = f"its process was ended by {name}, most likely for want of memory"
            return WorkOutcome(code="killed", reason=reason)
        log = (self._folder / LOG_FILE).read_text(encoding="utf-8", errors="replace")
        _LOG.error("the process of job %s failed: %s", self._folder.name, log[-_MOST_LINE:])
        return WorkOutcome(code="failed", reason="ripplegraph failed; the server's log says where")
