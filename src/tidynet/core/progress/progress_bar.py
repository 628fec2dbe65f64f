"""One line that says how far work is: a bar in a notebook, a line written over on a terminal.

Whoever works says what it is at as often as it likes; a thread of its own draws a few times a second. Work that
is done before the first drawing leaves no trace.
"""

from __future__ import annotations

import contextvars
import html
import shutil
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from tidynet.core.text import printable

__all__ = ["ProgressBar", "in_notebook", "make_progress_bar"]

SECONDS_BEFORE = 0.4  # quicker work needs no bar
SECONDS_BETWEEN = 0.2
BAR = 20  # characters

Words = str | Callable[[], str]
Share = float | Callable[[], float] | None


class ProgressDisplay(Protocol):
    """Where the line is drawn."""

    def draw(self, text: str, fraction: float | None) -> None:
        """Draw the line anew."""

    def end(self, text: str) -> None:
        """Take the line away, or leave these words in its place."""


class ProgressBar:
    """What is being done, and which share of it is; to be used in a ``with`` statement.

    Examples
    --------
    >>> with ProgressBar(None) as make_progress_bar:
    ...     make_progress_bar.update("reading", 0.5)
    """

    def __init__(self, surface: ProgressDisplay | None) -> None:
        self._surface = surface
        self._said: tuple[Words, Share] = ("", None)
        self._ended = threading.Event()
        self._left = ""
        self._thread: threading.Thread | None = None

    @property
    def is_visible(self) -> bool:
        """Whether anything is shown."""
        return self._surface is not None

    def __enter__(self) -> Self:
        if self._surface is not None:
            # What a cell shows belongs to it by a context variable, which a new thread does not have.
            context = contextvars.copy_context()
            self._thread = threading.Thread(target=context.run, args=(self._draw,), name="progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None and self._surface is not None:
            self._thread.join()
            self._surface.end("" if error is not None else self._left)

    def update(self, text: Words, fraction: Share = None) -> None:
        """Say what is being done."""
        self._said = (text, fraction)

    def clear(self, text: str) -> None:
        """Words to stay when the work is done; without them the line goes."""
        self._left = text

    def _draw(self) -> None:
        assert self._surface is not None
        drawn = None
        wait = SECONDS_BEFORE
        while not self._ended.wait(wait):
            text, fraction = (item() if callable(item) else item for item in self._said)
            if text and (text, fraction) != drawn:
                self._surface.draw(str(text), fraction)  # type: ignore[arg-type]
                drawn = (text, fraction)
            wait = SECONDS_BETWEEN


class NotebookDisplay:
    """An output of the cell that is updated in place, so that a saved notebook holds the last state alone."""

    def __init__(self) -> None:
        self._handle: Any = None

    def draw(self, text: str, fraction: float | None) -> None:
        """Show a bar and the words beside it; a bar without a share moves by itself."""
        value = "" if fraction is None else f' value="{fraction:.3f}"'
        bar = f'<progress max="1"{value} aria-label="progress" style="width:12em;accent-color:#0b6fa8"></progress>'
        self._display(_plain(text, fraction), f"{bar}<span>{html.escape(text)}</span>")

    def end(self, text: str) -> None:
        """Leave the words, if any; an output that was shown cannot be taken back, only emptied."""
        if text:
            self._display(text, f"<span>{html.escape(text)}</span>")
        elif self._handle is not None:
            self._handle.update({"text/plain": "", "text/html": ""}, raw=True)

    def _display(self, text: str, inner: str) -> None:
        style = "display:flex;flex-wrap:wrap;gap:.2em .8em;align-items:center;font:13px/1.5 system-ui,sans-serif"
        data = {"text/plain": text, "text/html": f'<div style="{style}">{inner}</div>'}
        if self._handle is None:
            from IPython.display import display

            self._handle = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(data, raw=True)


class TerminalDisplay:
    """The last line of a terminal, written over."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn = False

    def draw(self, text: str, fraction: float | None) -> None:
        """Write the line over, cut to the width of the terminal."""
        width = shutil.get_terminal_size().columns - 1
        self._write("\r" + printable(_plain(text, fraction))[:width] + "\x1b[K")
        self._drawn = True

    def end(self, text: str) -> None:
        """Take the line away, and leave the words."""
        self._write("\r\x1b[K" * self._drawn + (f"{printable(text)}\n" if text else ""))

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _plain(text: str, fraction: float | None) -> str:
    """The line as text.

    Examples
    --------
    >>> _plain("reading", 0.25)
    '━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ reading'
    """
    if fraction is None:
        return f"{text} …"
    done = round(BAR * min(max(fraction, 0.0), 1.0))
    return f"{'━' * done}{'╌' * (BAR - done)} {text}"


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook.

    Examples
    --------
    >>> in_notebook()
    False
    """
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None


def make_progress_bar(enabled: bool | None = None, stream: TextIO | None = None) -> ProgressBar:
    """The line to tell progress by.

    Examples
    --------
    >>> make_progress_bar(None).is_visible, make_progress_bar(False).is_visible
    (False, False)
    """
    if enabled is False:
        return ProgressBar(None)
    if in_notebook():
        return ProgressBar(NotebookDisplay())
    out = sys.stderr if stream is None else stream
    return ProgressBar(TerminalDisplay(out) if enabled and out.isatty() else None)
