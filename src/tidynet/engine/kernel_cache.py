"""Compiled kernels on disk: the same machine code in the first run as in all later ones.

A process that has just compiled uses other copies of the inner functions than one that loads them from disk; the
two differ in the last bits of a sum. So a child process compiles a missing kernel, and this process loads it from
disk. It is compiled in this process only if nothing can be saved or no process started.
"""

from __future__ import annotations

import functools
import gc
import importlib
import os
import pickle
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba.core.caching import FunctionCache, IndexDataCacheFile

MAX_SECONDS = 600.0  # of the child process
CHILD_CODE = "from tidynet.engine.kernel_cache import compile_kernel; compile_kernel()"


@functools.cache
def engine_stamp() -> int:
    """A checksum of the engine's sources for cached kernels: Numba checks the file of the entry point alone."""
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    return functools.reduce(lambda sum_so_far, source: zlib.crc32(source.read_bytes(), sum_so_far), sources, 0)


class KernelCache(FunctionCache):
    """Numba's cache of one function, filled by a child process."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = IndexDataCacheFile(
            cache_path=self._cache_path, filename_base=self._impl.filename_base, source_stamp=engine_stamp()
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function for these argument types; None if it must be compiled here."""
        result = super().load_overload(sig, target_context)
        if result is None and not self._compiles_here():
            _compile_in_subprocess(self._py_func, sig)
            result = super().load_overload(sig, target_context)
        return result

    def _compiles_here(self) -> bool:
        return os.environ.get("TIDYNET_COMPILES") == "1" or not os.access(self._cache_path, os.W_OK)

    def is_filled(self) -> bool:
        """Whether it holds the function for any argument types."""
        return bool(self._cache_file._load_index())


def enable_disk_cache(dispatcher: Any) -> Any:
    """Give a jitted function its cache, if there is a folder to write to; with NUMBA_DISABLE_JIT=1 there is none."""
    if not hasattr(dispatcher, "py_func"):
        return dispatcher
    try:
        dispatcher._cache = KernelCache(dispatcher.py_func)
    except RuntimeError:  # there is no folder
        return dispatcher
    return dispatcher


def is_cached(dispatcher: Any) -> bool:
    """Whether a kernel is compiled and on disk."""
    cache = getattr(dispatcher, "_cache", None)
    return isinstance(cache, KernelCache) and cache.is_filled()


def _compile_in_subprocess(function: Callable[..., Any], sig: Any) -> None:
    """Let a child process compile and save; if that fails, Numba compiles in this process."""
    if "python" not in Path(sys.executable or "").name.lower():  # none, or a program that embeds Python
        return
    requested = pickle.dumps((function.__module__, function.__name__, sig))
    path = os.pathsep.join(index or os.getcwd() for index in sys.path)
    environment = {**os.environ, "PYTHONPATH": path, "TIDYNET_COMPILES": "1"}
    try:
        subprocess.run(  # noqa: S603 - this interpreter, with fixed code
            [sys.executable, "-c", CHILD_CODE], input=requested, env=environment, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=MAX_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return


def compile_kernel() -> None:
    """In the child process: compile the kernel that standard input names, for its types."""
    gc.disable()  # the compiler's objects live to the end; searching them takes a tenth of the time
    module, name, sig = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by the parent process
    getattr(importlib.import_module(module), name).compile(sig)
