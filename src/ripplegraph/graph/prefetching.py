"""Asking the processor for memory ahead of its use, from kernels: waits for memory overlap."""

# mypy: disable-error-code="explicit-any"
# compiled code takes arrays of any width

from __future__ import annotations

from typing import Any, TypeAlias

Numbers: TypeAlias = Any
"""A numpy array of whole numbers to compiled code, a memory view of it to plain Python."""


def ask_ahead(array: Numbers, index: int) -> None:
    """Ask for the memory of a cell that is needed soon; plain Python has nothing to do."""


def teach_numba() -> None:
    """Let kernels that numba compiles from now on ask the processor; call it once."""
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic, overload

    def ask(_typing_context: Any, array: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            kind, index_kind = signature.args
            held = context.make_array(kind)(context, builder, arguments[0])
            at = context.cast(builder, arguments[1], index_kind, types.intp)
            place = cgutils.get_item_pointer(  # type: ignore[no-untyped-call]
                context, builder, kind, held, [at], wraparound=False, boundscheck=False
            )
            address, number = ir.IntType(8).as_pointer(), ir.IntType(32)
            shape = ir.FunctionType(ir.VoidType(), [address, number, number, number])
            function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
                builder.module, shape, "llvm.prefetch.p0"
            )
            to_read, to_keep, is_data = number(0), number(3), number(1)
            builder.call(function, [builder.bitcast(place, address), to_read, to_keep, is_data])
            return context.get_dummy_value()

        return types.void(array, index), generate

    asked = intrinsic(ask)

    @overload(ask_ahead)
    def compiled(array: Any, index: Any) -> Any:
        def asking(array: Any, index: Any) -> None:
            asked(array, index)  # type: ignore[call-arg] # pragma: no cover - compiled

        return asking
