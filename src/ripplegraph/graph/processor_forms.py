"""The forms in which numba compiles the functions of :mod:`ripplegraph.graph.processor`.

Imported when a kernel is compiled first: it imports numba.
"""

# mypy: disable-error-code="explicit-any, no-untyped-call, untyped-decorator, no-untyped-def"
# numba and llvmlite carry no types that fit

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from ripplegraph.graph.processor import (
    BLOCK,
    CARRIAGE_RETURN,
    LINE_FEED,
    QUOTE,
    Function,
    ask_ahead,
    count_bits,
    lowest_bit,
    mark_bits,
    odd_bits,
)

_BYTE, _NUMBER, _WORD = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_BYTES = ir.VectorType(_BYTE, BLOCK)

Form = tuple[Any, Callable[..., Any]]
"""What an intrinsic returns: its signature, and what writes its code."""


def _place_of(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind, index_kind = signature.args[:2]
    held = context.make_array(kind)(context, builder, arguments[0])
    at = context.cast(builder, arguments[1], index_kind, types.intp)
    return cgutils.get_item_pointer(
        context, builder, kind, held, [at], wraparound=False, boundscheck=False
    )


def _bytes_at(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    place = _place_of(context, builder, signature, arguments)
    return builder.load(builder.bitcast(place, _BYTES.as_pointer()), align=1)


def _called(builder: Any, name: str, kind: Any, arguments: list[Any]) -> Any:
    shape = ir.FunctionType(kind, [one.type for one in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, shape, name), arguments)


def _equal(builder: Any, held: Any, value: Any) -> Any:
    return builder.icmp_unsigned("==", held, value)


def _all_are(value: int) -> Any:
    return ir.Constant(_BYTES, [_BYTE(value)] * BLOCK)


def _ask(_typing_context: Any, array: Any, index: Any) -> Form:
    """Compile ``ask_ahead``: an instruction to fetch a line of memory."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place_of(context, builder, signature, arguments)
        to_read, to_keep, is_data = _NUMBER(0), _NUMBER(3), _NUMBER(1)
        asked = [builder.bitcast(place, _BYTE.as_pointer()), to_read, to_keep, is_data]
        _called(builder, "llvm.prefetch.p0", ir.VoidType(), asked)
        return context.get_dummy_value()

    return types.void(array, index), generate


def _marks(_typing_context: Any, data: Any, at: Any, delimiter: Any) -> Form:
    """Compile ``mark_bits``: four comparisons of 64 bytes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = _bytes_at(context, builder, signature, arguments)
        undefined = ir.Constant(_BYTES, ir.Undefined)
        one = builder.trunc(arguments[2], _BYTE)
        first = builder.insert_element(undefined, one, _NUMBER(0))
        spread = ir.Constant(ir.VectorType(_NUMBER, BLOCK), [_NUMBER(0)] * BLOCK)
        found = _equal(builder, held, builder.shuffle_vector(first, first, spread))
        for mark in (QUOTE, LINE_FEED, CARRIAGE_RETURN):
            found = builder.or_(found, _equal(builder, held, _all_are(mark)))
        return builder.bitcast(found, _WORD)

    return types.int64(data, at, types.int64), generate


def _odd(_typing_context: Any, data: Any, at: Any) -> Form:
    """Compile ``odd_bits``: NUL and what is no ASCII character are no positive signed numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = _bytes_at(context, builder, signature, arguments)
        return builder.bitcast(builder.icmp_signed("<=", held, _all_are(0)), _WORD)

    return types.int64(data, at), generate


def _lowest(_typing_context: Any, bits: Any) -> Form:
    """Compile ``lowest_bit``."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _called(builder, "llvm.cttz.i64", _WORD, [arguments[0], ir.IntType(1)(0)])

    return types.int64(types.int64), generate


def _count(_typing_context: Any, bits: Any) -> Form:
    """Compile ``count_bits``."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _called(builder, "llvm.ctpop.i64", _WORD, [arguments[0]])

    return types.int64(types.int64), generate


def teach_numba() -> None:
    """Let kernels that numba compiles from now on use the instructions; call it once."""
    ask: Function = intrinsic(_ask)
    marks: Function = intrinsic(_marks)
    odd: Function = intrinsic(_odd)
    lowest: Function = intrinsic(_lowest)
    count: Function = intrinsic(_count)
    # numba compiles the inner functions, whose parameters have to be named as those they stand for
    taught: dict[Function, Function] = {
        ask_ahead: lambda array, index: lambda array, index: ask(array, index),
        mark_bits: lambda data, at, delimiter: (
            lambda data, at, delimiter: marks(data, at, delimiter)
        ),
        odd_bits: lambda data, at: lambda data, at: odd(data, at),
        lowest_bit: lambda bits: lambda bits: lowest(bits),
        count_bits: lambda bits: lambda bits: count(bits),
    }
    for function, form in taught.items():
        overload(function)(form)
