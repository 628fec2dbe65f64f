"""Compiled kernels on disk: the same machine code in the first run as in all later ones.

A process that has just compiled uses other copies of the inner functions than one that loads them from disk; the
two differ in the last bits of a sum. So a child process compiles a missing kernel, and this process loads it from
disk. It is compiled in this process only if nothing can be saved or no process started.
"""

from __future__ import annotations

import atexit
import functools
import os
import pickle
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba.core.caching import FunctionCache, IndexDataCacheFile

MAX_SECONDS = 600.0  # of one kernel in the child process
IDLE_SECONDS = 10.0  # after which the child process ends
CHILD_CODE = "from tidynet.engine.kernel_compiler import serve; serve()"
COMPILES_HERE = "TIDYNET_COMPILES"  # set in the child process
DONE = b"1"  # the reply of the child process once a kernel is in the cache


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
            COMPILER_PROCESS.compile(self._py_func, sig)
            result = super().load_overload(sig, target_context)
        return result

    def _compiles_here(self) -> bool:
        return os.environ.get(COMPILES_HERE) == "1" or not os.access(self._cache_path, os.W_OK)

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


class CompilerProcess:
    """The child process that compiles kernels one after the other, started at the first request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._parent = 0
        self._end_timer: threading.Timer | None = None

    def compile(self, function: Callable[..., Any], sig: Any) -> bool:
        """Whether the kernel was compiled and saved; a failure is tried again in Numba's own way."""
        request = self.message(function, sig)
        with self._lock:
            done = self._request(request, "--link-once") or self._request(request)
            self._end_timer = threading.Timer(IDLE_SECONDS, self.end)
            self._end_timer.daemon = True
            self._end_timer.start()
        return done

    @staticmethod
    def message(function: Callable[..., Any], sig: Any) -> bytes:
        """The kernel and its argument types, as the child process reads them."""
        return pickle.dumps((function.__module__, function.__name__, sig))

    def _request(self, request: bytes, *options: str) -> bool:
        if self._end_timer is not None:
            self._end_timer.cancel()
        try:
            process = self._start(options)
        except OSError:
            return False
        if process is None or process.stdin is None or process.stdout is None:
            return False
        limit = threading.Timer(MAX_SECONDS, process.kill)
        limit.daemon = True
        limit.start()
        try:
            process.stdin.write(request)
            process.stdin.flush()
            reply = process.stdout.read(1)
        except OSError:  # it has ended
            reply = b""
        finally:
            limit.cancel()
        if reply != DONE:
            self._end()
        return reply == DONE

    def _start(self, options: tuple[str, ...]) -> subprocess.Popen[bytes] | None:
        if self._process is not None and self._parent == os.getpid() and self._process.poll() is None:
            return self._process
        if "python" not in Path(sys.executable or "").name.lower():  # none, or a program that embeds Python
            return None
        path = os.pathsep.join(index or os.getcwd() for index in sys.path)
        self._parent = os.getpid()
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, with fixed code
            [sys.executable, "-c", CHILD_CODE, *options], env={**os.environ, "PYTHONPATH": path, COMPILES_HERE: "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return self._process

    def end(self) -> None:
        """End the child process, which compiles nothing at this time."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._parent != os.getpid():
            return
        process.kill()
        process.communicate()


COMPILER_PROCESS = CompilerProcess()


@atexit.register
def _end_at_exit() -> None:
    if COMPILER_PROCESS._process is not None:
        COMPILER_PROCESS._end()  # without the lock: a thread may wait for a kernel that nobody needs any more
