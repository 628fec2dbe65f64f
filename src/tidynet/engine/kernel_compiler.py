"""The child process that compiles kernels and saves them in the cache; it runs while its parent needs it.

Numba links, optimizes and emits each inner function on its own, and then once more inside each function that calls
it. Here only the entry point is linked, with all functions below it, and optimized once: half of the time. Inner
functions that one entry point has compiled serve the next one. This uses private names of Numba; where they differ,
the child process compiles in Numba's own way.
"""

from __future__ import annotations

import gc
import importlib
import pickle
import sys
from collections.abc import Iterator
from typing import Any

from numba.core import codegen
from numba.core.registry import cpu_target

from tidynet.engine.kernel_cache import DONE

_Library: Any = codegen.JITCodeLibrary
_Codegen: Any = codegen.JITCPUCodegen

RUNTIME = "nrt"  # Numba's own library of reference counts, which is called by address
ENTRY_POINTS: set[str] = set()  # names of the functions that are optimized


def serve() -> None:
    """Compile what each request on standard input names, until it closes; one byte on standard output per request."""
    gc.disable()  # the compiler's objects live to the end; searching them takes a tenth of the time
    replies, requests = sys.stdout.buffer, sys.stdin.buffer
    sys.stdout = sys.stderr  # nothing but replies goes to the parent
    if "--link-once" in sys.argv:
        link_once()
    for function, sig in _read_requests(requests):
        try:
            ENTRY_POINTS.add(function.py_func.__qualname__)
            function.compile(sig)
            reply = DONE
        except Exception:  # whatever the compiler raises: the parent goes on without this kernel
            reply = b"0"
        replies.write(reply)
        replies.flush()


def _read_requests(stream: Any) -> Iterator[tuple[Any, Any]]:
    """(function, signature) of each request."""
    while True:
        try:
            module, name, sig = pickle.load(stream)  # noqa: S301 - written by the parent process
        except EOFError:
            return
        yield getattr(importlib.import_module(module), name), sig


class LinkedOnce(_Library):  # type: ignore[misc]  # Numba has no types
    """The code of one function; only an entry point is linked, optimized and emitted, with all functions below it."""

    def finalize(self) -> None:
        """Link and emit an entry point; keep an inner function as it is."""
        if self.name == RUNTIME:
            super().finalize()
        elif self.name not in ENTRY_POINTS:
            self._finalized = True
        else:
            self._raise_if_finalized()
            for inner in self.libraries_below():
                self._final_module.link_in(inner.linkable_module(), preserve=True)
            self._optimize_final_module()
            self._final_module.verify()
            self._finalize_final_module()

    def get_pointer_to_function(self, name: str) -> int:
        """The address of an emitted function, or 0."""
        emitted = self.name in ENTRY_POINTS or self.name == RUNTIME
        return int(super().get_pointer_to_function(name)) if emitted else 0

    def libraries_below(self) -> list[LinkedOnce]:
        """Each after those that call it: a function that nothing calls yet is dropped when it is linked."""
        ordered: dict[int, LinkedOnce] = {}
        _visit(self, ordered)
        return list(ordered.values())[-2::-1]

    def linkable_module(self) -> Any:
        """The function in LLVM's language, for a module that calls it."""
        return self._get_module_for_linking()

    def direct_calls(self) -> list[LinkedOnce]:
        """The libraries of the functions that this one calls."""
        return list(self._linking_libraries)

    def _optimize_functions(self, module: Any) -> None:
        """Set the layout alone; the whole module is optimized once."""
        module.data_layout = self._final_module.data_layout


def _visit(library: LinkedOnce, ordered: dict[int, LinkedOnce]) -> None:
    """Add a library after those that it calls."""
    if id(library) not in ordered:
        for inner in library.direct_calls():
            _visit(inner, ordered)
        ordered[id(library)] = library


class LinkingCodegen(_Codegen):  # type: ignore[misc]
    """Numba's code generator with `LinkedOnce` libraries."""

    _library_class = LinkedOnce

    def set_env(self, env_name: str, env: Any) -> None:
        """Set the environment of a function that was emitted."""
        if self._engine.get_global_value_address(env_name):
            super().set_env(env_name, env)


def link_once() -> None:
    """Turn Numba's code generator, which exists since the first kernel was declared, into a `LinkingCodegen`."""
    cpu_target.target_context.codegen().__class__ = LinkingCodegen
