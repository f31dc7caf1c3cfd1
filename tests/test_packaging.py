"""The wheel: it builds, holds its data files, and works in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from a copy: builds of other test workers do not meet."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, copy / name)
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(out)]
    subprocess.run([*command, str(copy)], check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed_elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin folder of a fresh environment that holds the wheel and our dependencies."""
    home = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    options = ["--disable-pip-version-check", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([*install, *options], check=True)
    site = next(home.glob("lib/python*/site-packages"))
    # a path that a .pth file names is not searched for .pth files: the editable install stays out
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python.parent


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=kept,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_wheel_holds_types_mappings_templates_and_the_licence(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    assert "ripplegraph/py.typed" in names
    assert "ripplegraph/loaders/mapping/shipped/servicenow-default.yaml" in names
    assert any(name.startswith("ripplegraph/visualize/templates/") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "tools", "examples"))]


def test_installed_wheel_is_the_code_that_runs(installed_elsewhere: Path, tmp_path: Path) -> None:
    code = "import ripplegraph; print(ripplegraph.__file__)"
    done = _run(installed_elsewhere / "python", "-c", code, cwd=tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(installed_elsewhere.parent), done.stderr


def test_installed_wheel_answers_in_another_folder(
    installed_elsewhere: Path, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "examples" / "acme", tmp_path / "export")
    command = installed_elsewhere / "ripplegraph"

    version = _run(command, "--version", cwd=tmp_path)
    impact = _run(command, "impact", "export", "paybridge", cwd=tmp_path)

    assert (version.returncode, version.stdout.split()[-1]) == (0, "0.1.0"), version.stderr
    assert impact.returncode == 0, impact.stderr
    assert "Payments" in impact.stdout
