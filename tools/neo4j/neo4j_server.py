"""A real Neo4j Community server for tests: fetched from Maven artifacts, started on a free port.

The server is GPLv3 software in a process of its own, fetched when tests need it; it is neither
vendored nor shipped. ``python tools/neo4j/neo4j_server.py`` starts one and prints its address.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from neo4j.exceptions import DriverError, Neo4jError

from neo4j import GraphDatabase

HERE = Path(__file__).parent
VERSIONS = {"5.26.30": 17, "2026.08.1": 21}
"""The versions that tests run on, and the least Java for each."""

_MAIN_CLASSES = {
    "5": "org.neo4j.server.CommunityEntryPoint",
    "2": "org.neo4j.server.Neo4jCommunity",
}
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_OPENS = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
QUICK_TO_START = (  # the quick compiler and the plain collector: half the CPU of a start
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
)
_CONFIGURATION = """\
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
dbms.security.auth_enabled=false
dbms.usage_report.enabled=false
server.memory.pagecache.size={page_cache}
db.transaction.timeout=120s
db.tx_log.preallocate=false
dbms.security.allow_csv_import_from_file_urls=false
{quiet}
"""
_QUIET = {
    "5": "internal.dbms.bolt.netty_server_shutdown_quiet_period=0",
    "2": "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s",
}


class Neo4jMissingError(Exception):
    """A real server cannot be started here; the message says what is missing."""


class Neo4jServer:
    """One server with a home of its own; :meth:`kill` and :meth:`start` again as you like."""

    def __init__(
        self,
        version: str,
        home: Path,
        java_options: Sequence[str] = QUICK_TO_START,
        *,
        page_cache: str = "64m",
    ) -> None:
        self._java_options = java_options
        self._java = _java_for(VERSIONS[version])
        self._library = _library(version)
        self._version, self._home = version, home
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        conf = home / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        text = _CONFIGURATION.format(
            port=self.port, quiet=_QUIET[version[0]], page_cache=page_cache
        )
        (conf / "neo4j.conf").write_text(text, encoding="utf-8")

    @property
    def uri(self) -> str:
        """The address for the driver."""
        return f"neo4j://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        opens = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENS]
        arguments = [f"--home-dir={self._home}", f"--config-dir={self._home / 'conf'}"]
        command = [self._java, *self._java_options, *opens]
        command += ["-Dfile.encoding=UTF-8", "-cp", f"{self._library}/*"]
        command += [_MAIN_CLASSES[self._version[0]], *arguments, "--console-mode"]
        with (self._home / "console.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait()

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + 240  # on two busy cores a start took 100 s
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.1)
        self.kill()
        raise Neo4jMissingError((self._home / "console.log").read_text(errors="replace")[-2000:])

    def _answers(self) -> bool:
        """Return whether the server takes connections, and then queries."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                pass
            with GraphDatabase.driver(f"bolt://127.0.0.1:{self.port}") as driver:
                driver.execute_query("RETURN 1")
        except (OSError, DriverError, Neo4jError):
            return False
        return True

    def kill(self) -> None:
        """End the server at once, as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the server in order."""
        self._end(signal.SIGTERM)

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(with_signal)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def versions_here() -> tuple[str, ...]:
    """Return the versions for which there is a Java; the oldest always, so that its lack tells."""
    newest = max((version for _, version in _javas()), default=0)
    return tuple(
        version
        for number, (version, least) in enumerate(VERSIONS.items())
        if number == 0 or newest >= least
    )


def _library(version: str) -> Path:
    """Return the folder of the server's jars, fetched once for this user."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "ripplegraph" / "neo4j" / version
    if (folder / ".complete").exists():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        msg = "mvn is missing: it fetches the Neo4j server (package maven)"
        raise Neo4jMissingError(msg)
    folder.parent.mkdir(parents=True, exist_ok=True)
    own = Path(tempfile.mkdtemp(dir=folder.parent))
    command = [maven, "-B", "-q", "-f", str(HERE / "pom.xml"), f"-Dneo4j.version={version}"]
    command += [_PLUGIN, "-DincludeScope=runtime", f"-DoutputDirectory={own}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        msg = f"Neo4j {version} cannot be fetched: {done.stdout[-1500:]}"
        raise Neo4jMissingError(msg)
    (own / ".complete").touch()
    try:
        own.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(own)
    return folder


def _java_for(least: int) -> str:
    """Return the oldest Java that is new enough: the one that the version was made for."""
    fitting = sorted((version, path) for path, version in _javas() if version >= least)
    if not fitting:
        msg = f"Java {least} or later is missing (openjdk-17-jre-headless)"
        raise Neo4jMissingError(msg)
    return fitting[0][1]


def _javas() -> list[tuple[str, int]]:
    homes = [os.environ.get("JAVA_HOME", ""), *map(str, sorted(Path("/usr/lib/jvm").glob("*")))]
    paths = [str(Path(home, "bin", "java")) for home in homes if home]
    on_path = shutil.which("java")
    found = []
    for path in dict.fromkeys([*([on_path] if on_path else []), *paths]):
        if not os.access(path, os.X_OK):
            continue
        said = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
        version = re.search(r'version "(\d+)', said.stderr)
        if version:
            found.append((path, int(version[1])))
    return found


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def main() -> None:
    """Run a server until Ctrl-C."""
    with tempfile.TemporaryDirectory() as home:
        server = Neo4jServer(versions_here()[-1], Path(home))
        server.start()
        print(server.uri, flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            server.stop()


if __name__ == "__main__":
    main()
