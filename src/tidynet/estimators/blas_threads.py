"""One BLAS thread while networks are trained or predict: the threads are ours, and products are small."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import ThreadpoolController


class SingleBlasThread:
    """A limit of the process that several threads may hold: the first sets it, the last removes it."""

    def __init__(self) -> None:
        self.holders = 0
        self._lock = threading.Lock()
        self._known: ThreadpoolController | None = None
        self._limiter: Any = None

    @contextmanager
    def single_thread(self, look_again: bool = False) -> Iterator[None]:
        """Hold the limit; `look_again` for libraries loaded since the last search."""
        with self._lock:
            if self.holders == 0:
                # The search for libraries takes longer than predicting a few rows.
                if self._known is None or look_again:
                    self._known = ThreadpoolController()
                self._limiter = self._known.limit(limits=1, user_api="blas")
            self.holders += 1
        try:
            yield
        finally:
            with self._lock:
                self.holders -= 1
                if self.holders == 0:
                    self._limiter.restore_original_limits()


one_blas_thread = SingleBlasThread().single_thread
