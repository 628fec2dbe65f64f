"""SIGTERM and SIGHUP end a command at once, whatever it computes, and leave nothing unfinished."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tidynet.core.undo import UNFINISHED

_NAMES = ("SIGTERM", "SIGHUP")


@contextmanager
def clean_termination() -> Iterator[None]:
    """End the process with 128 + the signal's number after its unfinished work was undone.

    A thread waits for the signal: the main one may be inside a compiled call, which handles none.
    """
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    # `nohup` has SIGHUP ignored, which stays so.
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    if not numbers or os.name == "nt" or threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    thread = threading.Thread(target=_end_at_signal, args=(reader, numbers), name="termination", daemon=True)
    thread.start()
    earlier = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in numbers:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(earlier)
        os.close(writer)
        thread.join()
        os.close(reader)


def _end_at_signal(reader: int, numbers: list[int]) -> None:
    while received := os.read(reader, 1):
        if received[0] in numbers:
            UNFINISHED.undo_for_good()
            # A terminal that is halted (Ctrl-S) takes no output, and must not delay the end.
            shown = threading.Thread(target=_show_cursor, daemon=True)
            shown.start()
            shown.join(0.5)
            os._exit(128 + received[0])


def _show_cursor() -> None:
    """The progress bar hides the cursor of a terminal."""
    if sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        os.write(sys.stdout.fileno(), b"\r\x1b[2K\x1b[?25h")


@contextmanager
def ignored_interrupts() -> Iterator[None]:
    """A block that a second Ctrl-C does not end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, earlier)
