"""Kernels compiled on first use: where compiled code is kept, and who is told.

Nothing is compiled, and numba is not imported, before a kernel is asked for compiled. What the
edge wants (a folder for the cache, a message to the person who waits) it says with
:func:`compile_with`; without that numba's own rules hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from types import FunctionType
from typing import ParamSpec, TypeVar, cast

from ripplegraph.graph.processor import TAUGHT

_P = ParamSpec("_P")
_R = TypeVar("_R")

COMPILED_FROM_CIS = 20_000
COMPILED_FROM_SIZE = 400_000
"""Graphs of so many CIs, and of so many CIs and dependencies together, are worth compiling for:
importing numba and its cached kernels costs as much CPU time as some hundred queries."""


def is_large(ci_count: int, dependency_count: int) -> bool:
    """Return whether work on a graph of this size runs compiled if the caller does not say.

    Examples
    --------
    >>> is_large(20_000, 379_999), is_large(20_000, 380_000)
    (False, True)
    """
    return ci_count >= COMPILED_FROM_CIS and ci_count + dependency_count >= COMPILED_FROM_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilePolicy:
    """What the edge wants of compiling.

    Attributes
    ----------
    cache_folder
        Where compiled kernels are kept; None leaves it to numba.
    on_compile
        Called with the name of a kernel before it is compiled, not when it comes from the cache.
    on_no_cache
        Called once if compiled kernels cannot be kept: they are compiled in every process.
    """

    cache_folder: str | None = None
    on_compile: Callable[[str], None] | None = None
    on_no_cache: Callable[[], None] | None = None


class _Kernels:
    """The kernels compiled in this process, and what the edge wants."""

    def __init__(self) -> None:
        self.compiled: dict[object, object] = {}
        self.sources: set[object] = set()
        self.policy = CompilePolicy()
        self.is_listening = False
        self.is_uncached_told = False


_KERNELS = _Kernels()


def compile_with(policy: CompilePolicy) -> CompilePolicy:
    """Let kernels that are first used from now on follow a policy; return the one before.

    Parameters
    ----------
    policy
        See :class:`CompilePolicy`.

    Examples
    --------
    >>> before = compile_with(CompilePolicy(on_compile=print))
    >>> compile_with(before).on_compile is print
    True
    """
    before = _KERNELS.policy
    _KERNELS.policy = policy
    return before


def compile_with_default(policy: CompilePolicy) -> None:
    """Let kernels follow a policy, unless somebody said one before.

    Parameters
    ----------
    policy
        See :class:`CompilePolicy`.
    """
    if _KERNELS.policy == CompilePolicy():
        _KERNELS.policy = policy


def kernel_of(
    kernel: Callable[_P, _R], *, is_compiled: bool, is_lean: bool = False
) -> Callable[_P, _R]:
    """Return the kernel as it is, or compiled by numba, kept on disk where that is possible.

    Parameters
    ----------
    kernel
        A function that numba can compile; one source serves both modes. Functions of its module
        that it calls by name are compiled with it.
    is_compiled
        False for the function itself.
    is_lean
        Whether it and what it calls make no arrays and return none: numba then leaves out the
        counting of references, which costs more than the work where arrays come in tuples.

    Examples
    --------
    >>> def doubled(number: int) -> int:
    ...     return 2 * number
    >>> kernel_of(doubled, is_compiled=False) is doubled
    True
    """
    if not is_compiled:
        return kernel
    compiled = _KERNELS.compiled.get(kernel)
    if compiled is None:
        compiled = _KERNELS.compiled.setdefault(kernel, _compiled(kernel, is_lean))
    return cast("Callable[_P, _R]", compiled)


def is_ready(kernel: object) -> bool:
    """Return whether a kernel was compiled before in this process.

    Parameters
    ----------
    kernel
        As given to :func:`kernel_of`.

    Examples
    --------
    >>> is_ready(print)
    False
    """
    return kernel in _KERNELS.compiled


def _compiled(kernel: Callable[_P, _R], is_lean: bool) -> object:
    from numba import njit

    from ripplegraph.graph.kept_kernels import keep_by_form

    _listen()
    kernel = cast("Callable[_P, _R]", _linked(kernel, is_lean))
    _KERNELS.sources.add(kernel)
    is_counted = not is_lean
    try:
        with _kept_in(_KERNELS.policy.cache_folder):
            kept = njit(cache=True, nogil=True, _nrt=is_counted)(kernel)  # type: ignore[call-overload] # of numba
            return _one_form(keep_by_form(kept))
    except RuntimeError:  # no place to write the cache
        if _KERNELS.policy.on_no_cache is not None and not _KERNELS.is_uncached_told:
            _KERNELS.is_uncached_told = True
            _KERNELS.policy.on_no_cache()
        return _one_form(njit(nogil=True, _nrt=is_counted)(kernel))  # type: ignore[call-overload]


def entry_of(compiled: Callable[_P, _R], *args: _P.args, **named: _P.kwargs) -> Callable[_P, _R]:
    """Return a compiled kernel for arguments of just these types, which numba looks at no more.

    Its look takes as long as a small answer. The kernel is called once.

    Parameters
    ----------
    compiled
        What :func:`kernel_of` returns compiled.
    args, named
        Arguments to call it with; named ones are not taken.
    """
    from numba import typeof

    compiled(*args, **named)
    overloads = compiled.overloads  # type: ignore[attr-defined] # of numba
    entry: Callable[_P, _R] = overloads[tuple(map(typeof, args))].entry_point
    return entry


def _one_form(dispatcher: object) -> object:
    """Let numba compile a kernel once for all numbers that other kernels call it with.

    It would compile it anew for each constant, which took most of the time.
    """
    from numba import types

    template_of = dispatcher.get_call_template  # type: ignore[attr-defined] # of numba

    def general(args: tuple[object, ...], kws: dict[str, object]) -> object:
        unliteral: Callable[[object], object] = types.unliteral
        return template_of(tuple(map(unliteral, args)), kws)

    dispatcher.get_call_template = general  # type: ignore[attr-defined]
    return dispatcher


def _linked(kernel: object, is_lean: bool) -> object:
    """Return a kernel that calls the compiled form of the functions that it calls.

    numba keeps a kernel by its own code alone. The name of the copy tells that of all the
    functions beneath, so that a change in one of them is not missed.
    """
    if not isinstance(kernel, FunctionType):
        return kernel
    called = _called_by(kernel)
    if not called:
        return kernel
    forms = {
        name: kernel_of(one, is_compiled=True, is_lean=is_lean) for name, one in called.items()
    }
    copy = FunctionType(kernel.__code__, {**kernel.__globals__, **forms}, kernel.__name__)
    copy.__qualname__ = f"{kernel.__qualname__}_{_fingerprint(kernel)}"
    copy.__module__ = kernel.__module__
    return copy


def _called_by(kernel: FunctionType) -> dict[str, FunctionType]:
    """Return the plain functions that a kernel names, by name.

    What the processor does is none of them: numba has a form of its own for it.
    """
    named = ((name, kernel.__globals__.get(name)) for name in kernel.__code__.co_names)
    return {
        name: one for name, one in named if isinstance(one, FunctionType) and one not in TAUGHT
    }


def _fingerprint(kernel: FunctionType) -> str:
    """Return what changes when a kernel or a function beneath it does, or their constants."""
    seen: dict[FunctionType, None] = {kernel: None}
    waiting = [kernel]
    parts: list[bytes] = []
    while waiting:
        one = waiting.pop()
        parts += [one.__code__.co_code, repr(one.__code__.co_consts).encode()]
        numbers = [(name, one.__globals__.get(name)) for name in one.__code__.co_names]
        parts.append(repr([pair for pair in numbers if isinstance(pair[1], int)]).encode())
        fresh = [further for further in _called_by(one).values() if further not in seen]
        seen.update(dict.fromkeys(fresh))
        waiting += fresh
    return sha256(b"".join(parts)).hexdigest()[:12]


@contextmanager
def _kept_in(folder: str | None) -> Iterator[None]:
    """Let numba keep one kernel in this folder, and leave other users of numba alone.

    It asks for the folder once, when a function is decorated. A folder that the user chose
    (``NUMBA_CACHE_DIR``) wins.
    """
    settings = vars(import_module("numba.core.config"))
    chosen = settings["CACHE_DIR"]
    settings["CACHE_DIR"] = chosen or folder or ""
    try:
        yield
    finally:
        settings["CACHE_DIR"] = chosen


def _listen() -> None:
    """Hear of every kernel of ours that numba really compiles; teach it some words. Once."""
    if _KERNELS.is_listening:
        return
    _KERNELS.is_listening = True
    from numba.core import event

    from ripplegraph.graph.processor_forms import teach_numba

    teach_numba()

    class Compiling(event.Listener):
        """Tells the edge which kernel is compiled."""

        def on_start(self, event: event.Event) -> None:
            """Tell that numba begins to compile."""
            kernel = event.data["dispatcher"].py_func
            if _KERNELS.policy.on_compile is not None and kernel in _KERNELS.sources:
                _KERNELS.policy.on_compile(kernel.__name__)

        def on_end(self, event: event.Event) -> None:
            """Let the end of compiling pass."""

    event.register("numba:compile", Compiling())  # type: ignore[no-untyped-call] # of numba
