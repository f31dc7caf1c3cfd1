"""Compiling kernels: where compiled code is kept, and who hears of it."""

from __future__ import annotations

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
    path = folder / f"{name}.py"
    path.write_text(SOURCE.format(name=name))
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
