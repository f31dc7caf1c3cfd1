"""The files for deployment keep the rules that they promise: pinned, not root, little allowed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from ripplegraph.cli.main import app

DEPLOY = Path(__file__).parents[1] / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
UNIT = (DEPLOY / "ripplegraph.service").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def instructions(name: str) -> list[str]:
    """Return what an instruction of the Dockerfile is given, each time that it stands there."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} +(.*)$", joined, flags=re.MULTILINE)


def options_of_serve() -> set[str]:
    command = get_command(app).commands["serve"]  # type: ignore[attr-defined]
    return {name for one in command.params for name in one.opts}


def test_the_base_image_has_no_default_that_could_move_or_grow_old() -> None:
    assert instructions("ARG") == ["PYTHON_IMAGE"]
    assert [one.split()[0] for one in instructions("FROM")] == ["${PYTHON_IMAGE}"] * 2


def test_the_image_installs_only_wheels_with_known_hashes() -> None:
    installs = [one for one in instructions("RUN") if "pip install" in one]
    assert len(installs) == 2
    assert "--require-hashes --only-binary :all: -r /build/requirements.txt" in installs[0]
    assert "--no-deps --no-index" in installs[1]


def test_the_image_does_not_run_as_root_and_writes_nothing_but_its_data() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert instructions("VOLUME") == ['["/data"]']
    assert "warm-up" in instructions("RUN")[-2]
    assert any("NUMBA_CPU_NAME=generic" in one for one in instructions("ENV")[-1:])


def test_every_command_line_names_options_that_there_are() -> None:
    unit = next(line for line in UNIT.splitlines() if line.startswith("ExecStart="))
    for text in (instructions("CMD")[-1], unit, " ".join(COMPOSE["services"]["api"]["command"])):
        asked = set(re.findall(r"--[a-z-]+", text))
        assert {"--keys", "--host"} <= asked
        assert asked <= options_of_serve()


def test_containers_are_named_by_digest_and_may_do_little() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        assert re.fullmatch(r"\$\{[A-Z0-9_]+:\?.*by digest\}", service["image"])
        assert "no-new-privileges:true" in service["security_opt"]
        assert {"mem_limit", "pids_limit", "stop_grace_period"} <= service.keys()
    api = services["api"]
    assert api["read_only"] is True
    assert api["cap_drop"] == ["ALL"]
    assert all(one.startswith("127.0.0.1:") for one in api["ports"])
    assert "ports" not in services["neo4j"]
    assert services["neo4j"]["networks"] == ["store"]
    assert COMPOSE["networks"]["store"]["internal"] is True


def test_secrets_are_files_and_never_values() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8") + DOCKERFILE + UNIT
    for name, value in COMPOSE["services"]["api"]["environment"].items():
        if "PASSWORD" in name or "PEPPER" in name:
            assert name.endswith("_FILE")
            assert value.startswith("/run/secrets/")
    assert not re.search(r"(?i)(password|pepper)\s*[:=]\s*[\"']?(?!/run|%d|\.)\w{6,}", text)
    named = {one for service in COMPOSE["services"].values() for one in service["secrets"]}
    assert named == set(COMPOSE["secrets"])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_the_unit_is_right_and_exposes_little(tmp_path: Path) -> None:
    unit = tmp_path / "ripplegraph.service"
    unit.write_text(UNIT.replace("/opt/ripplegraph/bin/ripplegraph", "/bin/true"))
    for command in (["verify", "--man=no"], ["security", "--offline=true", "--threshold=20"]):
        done = subprocess.run(
            ["systemd-analyze", *command, str(unit)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "ripplegraph.service:" not in done.stderr
