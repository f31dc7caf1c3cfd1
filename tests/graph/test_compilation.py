"""Compiling kernels: where compiled code is kept, and who hears of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from ripplegraph.graph.compilation import CompilePolicy, compile_with, entry_of, kernel_of

SOURCE = "def {name}(number):\n    return 2 * number\n"


@pytest.fixture(autouse=True)
def _own_policy() -> Iterator[None]:
    before = compile_with(CompilePolicy())
    yield
    compile_with(before)


def _kernel(folder: Path, name: str) -> Callable[[int], int]:
    """Return a kernel of a module in a file, imported anew."""
    (folder / f"{name}.py").write_text(SOURCE.format(name=name))
    return _kernel_as_it_is(folder, name)


def _kernel_as_it_is(folder: Path, name: str) -> Callable[[int], int]:
    path = folder / f"{name}.py"
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    kernel: Callable[[int], int] = vars(module)[name]
    return kernel


def _kernel_without_a_file(name: str) -> Callable[[int], int]:
    namespace: dict[str, Callable[[int], int]] = {}
    exec(SOURCE.format(name=name), namespace)
    return namespace[name]


SUMS = """
import sys
import numpy as np
from ripplegraph.graph.compilation import CompilePolicy, compile_with, kernel_of

def total(numbers):
    found = 0
    for at in range(len(numbers)):
        found += numbers[at]
    return found

compile_with(CompilePolicy(cache_folder=sys.argv[1], on_compile=print))
print(kernel_of(total, is_compiled=True)(np.arange(1, 5).astype(sys.argv[2])))
"""


def test_processes_that_compile_two_forms_at_once_do_not_mix_them_up(tmp_path: Path) -> None:
    """An index that one wrote before it saw that of the other stands at last: so a race ends."""
    script, cache = tmp_path / "sums.py", tmp_path / "cache"
    script.write_text(SUMS)
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}

    def told(kind: str) -> list[str]:
        command = [sys.executable, str(script), str(cache), kind]
        run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        return run.stdout.split()

    assert told("int64") == ["total", "10"]
    indexes = {path: path.read_bytes() for path in cache.rglob("*.nbi")}
    for path in indexes:
        path.unlink()
    assert told("float64") == ["total", "10.0"]
    for path, content in indexes.items():
        path.write_bytes(content)
    assert told("int64") == ["10"]
    assert told("float64") == ["10.0"]


def test_a_kernel_of_another_source_is_compiled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("numba.core.config.CACHE_DIR", "")
    heard: list[str] = []
    cache = str(tmp_path / "cache")
    compile_with(CompilePolicy(cache_folder=cache, on_compile=heard.append))
    kernel = _kernel(tmp_path, "changed")
    assert kernel_of(kernel, is_compiled=True)(21) == 42
    with (tmp_path / "changed.py").open("a") as source:
        source.write("\n# whatever a kernel takes from its module may be another now\n")
    again = kernel_of(_kernel_as_it_is(tmp_path, "changed"), is_compiled=True)
    assert again(21) == 42
    assert heard == ["changed", "changed"]


def test_a_kernel_is_compiled_once_and_comes_from_the_cache_folder_after_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("numba.core.config.CACHE_DIR", "")
    heard: list[str] = []
    cache = tmp_path / "cache"
    compile_with(CompilePolicy(cache_folder=str(cache), on_compile=heard.append))
    first = kernel_of(_kernel(tmp_path, "kept"), is_compiled=True)
    assert [first(21), first(4)] == [42, 8]
    assert heard == ["kept"]
    assert list(cache.rglob("*.nbc"))
    assert not list(tmp_path.glob("__pycache__/*.nbc"))
    again = kernel_of(_kernel(tmp_path, "kept"), is_compiled=True)
    assert again is not first
    assert again(21) == 42
    assert heard == ["kept"]


def test_the_cache_folder_that_the_user_chose_wins_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("numba.core.config.CACHE_DIR", str(tmp_path / "chosen"))
    compile_with(CompilePolicy(cache_folder=str(tmp_path / "ours")))
    assert kernel_of(_kernel(tmp_path, "chosen"), is_compiled=True)(21) == 42
    assert list((tmp_path / "chosen").rglob("*.nbc"))
    assert not (tmp_path / "ours").exists()


def test_a_kernel_that_nobody_waits_for_is_compiled_in_silence(tmp_path: Path) -> None:
    compile_with(CompilePolicy(cache_folder=str(tmp_path / "cache")))
    assert kernel_of(_kernel(tmp_path, "silent"), is_compiled=True)(21) == 42


def test_without_a_writable_folder_kernels_are_compiled_and_it_is_told_once() -> None:
    told: list[str] = []
    policy = CompilePolicy(cache_folder=__file__, on_no_cache=lambda: told.append("no cache"))
    compile_with(policy)
    for name in ("one", "other"):
        assert kernel_of(_kernel_without_a_file(name), is_compiled=True)(21) == 42
    assert told == ["no cache"]


def test_other_code_that_numba_compiles_is_not_told(tmp_path: Path) -> None:
    heard: list[str] = []
    compile_with(CompilePolicy(cache_folder=str(tmp_path / "cache"), on_compile=heard.append))
    numba = import_module("numba")
    assert numba.njit(_kernel_without_a_file("theirs"))(21) == 42
    assert kernel_of(_kernel(tmp_path, "ours"), is_compiled=True)(21) == 42
    assert heard == ["ours"]


def _pair(folder: Path, inner: str) -> Callable[[int], int]:
    """Return a kernel that calls one of another file, both imported anew."""
    (folder / "outer.py").write_text("def outer(number):\n    return 2 * inner(number)\n")
    (folder / "inner.py").write_text(f"def inner(number):\n    return {inner}\n")
    modules = {}
    for name in ("inner", "outer"):
        spec = spec_from_file_location(name, folder / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        modules[name] = vars(module_from_spec(spec))
        exec(
            compile((folder / f"{name}.py").read_text(), folder / f"{name}.py", "exec"),
            modules[name],
        )
    modules["outer"]["inner"] = modules["inner"]["inner"]
    kernel: Callable[[int], int] = modules["outer"]["outer"]
    return kernel


def test_kernels_that_call_each_other_are_compiled_anew_when_either_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("numba.core.config.CACHE_DIR", "")
    heard: list[str] = []
    compile_with(CompilePolicy(cache_folder=str(tmp_path / "cache"), on_compile=heard.append))
    answers = [
        kernel_of(_pair(tmp_path, inner), is_compiled=True, is_lean=True)(20)
        for inner in ("number + 1", "number + 1", "number + 2")
    ]
    assert answers == [42, 42, 44]
    assert heard.count("outer") == 2


def test_the_entry_of_a_kernel_answers_as_the_kernel_does(tmp_path: Path) -> None:
    compiled = kernel_of(_kernel(tmp_path, "entered"), is_compiled=True)
    entry = entry_of(compiled, 1)
    assert entry is not compiled
    assert (entry(21), compiled(21)) == (42, 42)
