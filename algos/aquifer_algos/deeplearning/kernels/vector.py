# numba's extension points are untyped.
# mypy: disable-error-code="no-untyped-call, misc, untyped-decorator, attr-defined"
"""Sixteen lanes of numbers as one numba value, and scalar access to memory by address.

Numba's own loops over arrays keep the training kernels at a quarter of what the machine can do: it
cannot prove that rows do not overlap, so it reloads and re-checks. Here a block of sixteen weights is a
first-class value (LLVM's generic `<16 x float>`, lowered to AVX-512, AVX2, SSE or NEON as the processor
has it) that is loaded from and stored to a plain address. Rows must be padded to whole blocks; `load`
and `store` want addresses that are multiples of a block. Numbers are float32, as `precision.py` says; indices
of units are whole numbers of the same size.

Import this module only from kernels: it imports numba.
"""

import inspect
import operator
from collections.abc import Callable
from inspect import Parameter
from typing import Any

import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba.core import cgutils, types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from aquifer_algos.deeplearning.matrix import LANES
from aquifer_algos.deeplearning.precision import REAL

SIZE = np.dtype(REAL).itemsize
"""Bytes of a number, and of the index of a unit."""
BLOCK = LANES * SIZE
"""Bytes of one block."""

_IS_SINGLE = REAL is np.float32
ZERO, ONE, TWO = REAL(0.0), REAL(1.0), REAL(2.0)

real = types.float32 if _IS_SINGLE else types.float64
index = types.int32 if _IS_SINGLE else types.int64
_SUFFIX = f"v{LANES}f{8 * SIZE}"
# How many bits of a number are its fraction, and what is added to its exponent (IEEE 754).
_FRACTION, _BIAS = (23, 127) if _IS_SINGLE else (52, 1023)

FLOAT = ir.FloatType() if _IS_SINGLE else ir.DoubleType()
FLOATS = ir.VectorType(FLOAT, LANES)
_INDEX = ir.IntType(8 * SIZE)
_INTS = ir.VectorType(ir.IntType(32), LANES)
INT64 = ir.IntType(64)

# Sums may be re-associated and products fused; NaN and infinity keep their meaning, because a network that
# has become unstable is recognised by them.
FAST = ("reassoc", "contract", "arcp", "nsz")
# `afn` lets LLVM take the processor's estimate of a reciprocal square root with one Newton step.
_FAST_ROOT = (*FAST, "afn")


class Floats(types.Type):
    """The numba type of a block."""

    def __init__(self) -> None:
        super().__init__(name=f"{real}x{LANES}")


floats = Floats()


@register_model(Floats)
class _FloatsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: Any) -> None:
        super().__init__(manager, numba_type, FLOATS)


def _declare_operator(symbol: Any, instruction: str) -> None:
    """Make `symbol` between two blocks the lane-wise LLVM instruction of that name."""

    @infer_global(symbol)
    class _Template(AbstractTemplate):
        def generic(self, args: Any, keywords: Any) -> Any:
            return signature(floats, floats, floats) if args == (floats, floats) else None

    @lower_builtin(symbol, floats, floats)
    def _lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args, flags=FAST)


for _symbol, _instruction in {
    operator.add: "fadd",
    operator.sub: "fsub",
    operator.mul: "fmul",
    operator.truediv: "fdiv",
}.items():
    _declare_operator(_symbol, _instruction)

_HAS_ESTIMATE = _IS_SINGLE and bool(get_host_cpu_features().get("avx512f"))

Emit = Callable[..., Any]


def operation(result: Any, *arguments: Any) -> Callable[[Emit], Any]:
    """Turn `emit(builder, *values) -> value` into a function of these numba types for kernels."""

    def decorate(emit: Emit) -> Any:
        sig = result(*arguments)

        def codegen(context: Any, builder: Any, sig: Any, values: Any) -> Any:
            value = emit(builder, *values)
            return context.get_dummy_value() if value is None else value

        def typer(typingctx: Any, *given: Any) -> Any:
            return sig, codegen

        # numba asks a typing function for its parameters by name: those of `emit` from the second on.
        parameters = [Parameter("typingctx", Parameter.POSITIONAL_OR_KEYWORD)]
        parameters += list(inspect.signature(emit).parameters.values())[1:]
        typer.__signature__ = inspect.Signature(parameters)
        typer.__name__ = emit.__name__
        typer.__doc__ = emit.__doc__
        return intrinsic(typer)

    return decorate


def pointer(builder: Any, address: Any) -> Any:
    """An address as LLVM's pointer."""
    return builder.inttoptr(address, ir.PointerType())


def broadcast(builder: Any, scalar: Any, vector: Any) -> Any:
    """A scalar in all lanes of a vector of that type."""
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), ir.Constant(_INTS, [0] * LANES))


def _constant(value: float) -> Any:
    return ir.Constant(FLOATS, [value] * LANES)


def _integer(value: int) -> Any:
    return ir.Constant(_INTS, [value] * LANES)


def _function(builder: Any, name: str, result: Any, arguments: list[Any]) -> Any:
    module = builder.module
    return cgutils.get_or_insert_function(module, ir.FunctionType(result, arguments), name)


# --- memory ---------------------------------------------------------------------------------------------


@operation(floats, types.int64)
def load(builder: Any, address: Any) -> Any:
    """The block at an aligned address."""
    return builder.load(pointer(builder, address), align=BLOCK, typ=FLOATS)


@operation(floats, types.int64)
def load_unaligned(builder: Any, address: Any) -> Any:
    """The block at any address of a number."""
    return builder.load(pointer(builder, address), align=SIZE, typ=FLOATS)


@operation(types.void, types.int64, floats)
def store(builder: Any, address: Any, value: Any) -> None:
    """Write a block to an aligned address."""
    builder.store(value, pointer(builder, address), align=BLOCK)


@operation(real, types.int64)
def get_float(builder: Any, address: Any) -> Any:
    """The number at an address."""
    return builder.load(pointer(builder, address), align=SIZE, typ=FLOAT)


@operation(types.void, types.int64, real)
def put_float(builder: Any, address: Any, value: Any) -> None:
    """Write a number."""
    builder.store(value, pointer(builder, address), align=SIZE)


@operation(types.int64, types.int64)
def get_int(builder: Any, address: Any) -> Any:
    """The index at an address, widened."""
    value = builder.load(pointer(builder, address), align=SIZE, typ=_INDEX)
    return builder.sext(value, INT64) if _IS_SINGLE else value


@operation(types.void, types.int64, types.int64)
def put_int(builder: Any, address: Any, value: Any) -> None:
    """Write an index."""
    narrowed = builder.trunc(value, _INDEX) if _IS_SINGLE else value
    builder.store(narrowed, pointer(builder, address), align=SIZE)


@operation(types.int64, types.int64)
def get_flag(builder: Any, address: Any) -> Any:
    """The byte at an address as it is now: another thread may have set it, so it is read every time."""
    flag = builder.load_atomic(pointer(builder, address), ordering="monotonic", align=1, typ=ir.IntType(8))
    return builder.zext(flag, INT64)


@operation(types.int64, types.int64, types.int64)
def taken(builder: Any, address: Any, count: Any) -> Any:
    """Add `count` to the whole number at an address, which threads share; what was there before."""
    return builder.atomic_rmw("add", pointer(builder, address), count, "monotonic")


# --- arithmetic -----------------------------------------------------------------------------------------


@operation(floats, real)
def splat(builder: Any, scalar: Any) -> Any:
    """The scalar in all lanes."""
    return broadcast(builder, scalar, FLOATS)


@operation(real, floats)
def total(builder: Any, block: Any) -> Any:
    """The sum of the lanes."""
    reduce = _function(builder, f"llvm.vector.reduce.fadd.{_SUFFIX}", FLOAT, [FLOAT, FLOATS])
    return builder.call(reduce, [ir.Constant(FLOAT, 0.0), block], fastmath=FAST)


@operation(real, floats)
def largest(builder: Any, block: Any) -> Any:
    """The largest lane."""
    reduce = _function(builder, f"llvm.vector.reduce.fmax.{_SUFFIX}", FLOAT, [FLOATS])
    return builder.call(reduce, [block])


@operation(floats, floats, floats)
def maximum(builder: Any, a: Any, b: Any) -> Any:
    """The larger of each pair; b where a is NaN."""
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


@operation(floats, floats, floats, floats)
def clamped(builder: Any, value: Any, low: Any, high: Any) -> Any:
    """`value` held between two bounds; NaN stays NaN."""
    value = builder.select(builder.fcmp_ordered("<", value, low), low, value)
    return builder.select(builder.fcmp_ordered(">", value, high), high, value)


@operation(floats, floats, floats)
def keep_positive(builder: Any, test: Any, value: Any) -> Any:
    """`value` where `test` > 0, else 0."""
    return builder.select(builder.fcmp_ordered(">", test, _constant(0.0)), value, _constant(0.0))


@operation(floats, floats)
def rectified(builder: Any, value: Any) -> Any:
    """max(value, 0), but NaN stays NaN."""
    return builder.select(builder.fcmp_ordered("<", value, _constant(0.0)), _constant(0.0), value)


@operation(floats, floats, floats, floats)
def where_nonzero(builder: Any, test: Any, then: Any, otherwise: Any) -> Any:
    """`then` where `test` is not 0 (or is NaN), else `otherwise`."""
    return builder.select(builder.fcmp_unordered("!=", test, _constant(0.0)), then, otherwise)


@operation(floats, floats, floats)
def with_sign(builder: Any, magnitude: Any, sign: Any) -> Any:
    """`magnitude` with the sign of `sign`, 0 where that is 0."""
    copysign = _function(builder, f"llvm.copysign.{_SUFFIX}", FLOATS, [FLOATS, FLOATS])
    signed = builder.call(copysign, [magnitude, sign])
    return builder.select(builder.fcmp_unordered("!=", sign, _constant(0.0)), signed, _constant(0.0))


@operation(floats, floats, floats)
def root_of_ratio(builder: Any, a: Any, b: Any) -> Any:
    """sqrt(a / b) for positive a and b, to 1e-4 or better, as a · 1/sqrt(a·b)."""
    product = builder.fmul(a, b, flags=FAST)
    return builder.fmul(a, _inverse_root(builder, product), flags=FAST)


def _inverse_root(builder: Any, value: Any) -> Any:
    """1 / sqrt: the processor's estimate as it is if good to 14 bits, else refined by a Newton step.

    A square root and a division would take longer than the whole rest of a weight's step.
    """
    if _HAS_ESTIMATE:
        name = "llvm.x86.avx512.rsqrt14.ps.512"
        estimate = _function(builder, name, FLOATS, [FLOATS, FLOATS, ir.IntType(16)])
        return builder.call(estimate, [value, _constant(0.0), ir.Constant(ir.IntType(16), -1)])
    root = _function(builder, f"llvm.sqrt.{_SUFFIX}", FLOATS, [FLOATS])
    return builder.fdiv(_constant(1.0), builder.call(root, [value], fastmath=_FAST_ROOT), flags=_FAST_ROOT)


@operation(floats, floats)
def nearest(builder: Any, value: Any) -> Any:
    """The nearest whole number."""
    return builder.call(_function(builder, f"llvm.rint.{_SUFFIX}", FLOATS, [FLOATS]), [value])


@operation(floats, floats)
def power_of_two(builder: Any, exponent: Any) -> Any:
    """2 to a whole number between -126 and 127, written straight into the bits of a number."""
    whole = ir.VectorType(_INDEX, LANES)
    bias, fraction = (ir.Constant(whole, [value] * LANES) for value in (_BIAS, _FRACTION))
    raised = builder.add(builder.fptosi(exponent, whole), bias)
    return builder.bitcast(builder.shl(raised, fraction), FLOATS)


# --- random numbers -------------------------------------------------------------------------------------


@operation(floats, floats, types.uint64, types.int64, types.uint64)
def dropout(builder: Any, value: Any, key: Any, position: Any, threshold: Any) -> Any:
    """`value` in the lanes that are kept, 0 in the others.

    Lane i is dropped if a hash of (key, position + i) is below `threshold` = ratio · 2^32. Drawing by
    counter needs no generator state and sixteen draws cost little more than one. The hash is Wellons'
    `lowbias32` with a key in two halves.
    """
    low = broadcast(builder, builder.trunc(key, ir.IntType(32)), _INTS)
    high = builder.trunc(builder.lshr(key, ir.Constant(INT64, 32)), ir.IntType(32))
    counter = builder.add(
        broadcast(builder, builder.trunc(position, ir.IntType(32)), _INTS),
        ir.Constant(_INTS, list(range(LANES))),
    )
    h = builder.xor(builder.mul(counter, _integer(0x9E3779B1)), low)
    h = builder.xor(h, builder.lshr(h, _integer(16)))
    h = builder.mul(h, _integer(0x7FEB352D))
    h = builder.add(h, broadcast(builder, high, _INTS))
    h = builder.xor(h, builder.lshr(h, _integer(15)))
    h = builder.mul(h, _integer(0x846CA68B))
    h = builder.xor(h, builder.lshr(h, _integer(16)))
    limit = broadcast(builder, builder.trunc(threshold, ir.IntType(32)), _INTS)
    return builder.select(builder.icmp_unsigned("<", h, limit), _constant(0.0), value)
