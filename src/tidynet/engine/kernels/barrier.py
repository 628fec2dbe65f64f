"""Where threads that train one network together wait for each other, without Python and without locks.

A step of theirs lasts a millisecond and they meet twice in it: to wake a sleeping thread each time would cost
a quarter of that, so the first to come looks again and again, and lets other programs have its core in between.
"""

from __future__ import annotations

import sys
from typing import Any

from llvmlite import ir
from numba import extending, types
from numpy.typing import NDArray

from tidynet.engine.kernels.compiled import compiled

__all__ = ["BARRIER_ABORTED", "wait_at_barrier"]

Array = NDArray[Any]

# Places in a meeting, int64 (2,) of zeros at first.
ARRIVED, BARRIER_ABORTED = 0, 1

_intrinsic: Any = extending.intrinsic

LOOKS = 300  # before the core is offered to others

_give_way: Any = types.ExternalFunction("SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32())


@_intrinsic
def _atomic_increment(_: Any, barrier: Any) -> Any:
    """Count one more arrival; all that this thread wrote is seen by those who read the count."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        counter = context.make_array(signature.args[0])(context, builder, values[0]).data
        return builder.atomic_rmw("add", counter, ir.Constant(ir.IntType(64), 1), "seq_cst")

    return types.int64(barrier), generate


@_intrinsic
def _atomic_load(_: Any, barrier: Any, index: Any) -> Any:  # noqa: ARG001 - its type is fixed below
    """The present number at a place, never one from before."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        first = context.make_array(signature.args[0])(context, builder, values[0]).data
        return builder.load_atomic(builder.gep(first, [values[1]]), "seq_cst", 8)

    return types.int64(barrier, types.int64), generate


@compiled
def wait_at_barrier(barrier: Array, threads: int) -> bool:
    """Wait until all have come; False if the others will not come, since one of them was stopped."""
    if threads == 1:
        return True
    awaited = (_atomic_increment(barrier) // threads + 1) * threads
    looks = 0
    while _atomic_load(barrier, ARRIVED) < awaited:
        looks += 1
        if looks % LOOKS == 0:
            if _atomic_load(barrier, BARRIER_ABORTED) != 0:
                return False
            _give_way()
    return True
