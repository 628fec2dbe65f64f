"""A progress bar with one line of text: on a terminal by rich, in a notebook as an output that is updated in place.

The work reports its state as often as it likes; a thread draws it a few times a second. Work that ends before the
first drawing shows nothing.
"""

from __future__ import annotations

import contextvars
import html
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TextIO, TypeVar

from tidynet.core.text import printable

if TYPE_CHECKING:
    from rich.console import Console

SECONDS_BEFORE = 0.4  # shorter work needs no bar
SECONDS_BETWEEN = 0.2
BAR_WIDTH = 20  # characters

F = TypeVar("F")
OnSection = Callable[[str, int, int], None]
"""Called with the title of a section, its number from 0, and the number of sections."""


class ProgressDisplay(Protocol):
    """Where a progress bar is drawn."""

    def draw(self, text: str, fraction: float | None) -> None:
        """Draw the bar and its text."""

    def end(self, text: str) -> None:
        """Remove the bar, or leave this text in its place."""


class ProgressBar:
    """The present activity and the fraction that is done; used in a ``with`` statement."""

    def __init__(self, display: ProgressDisplay | None) -> None:
        self._display = display
        self._state: tuple[str | Callable[[], str], float | Callable[[], float] | None] = ("", None)
        self._ended = threading.Event()
        self._final_text = ""
        self._thread: threading.Thread | None = None

    @property
    def is_visible(self) -> bool:
        """Whether anything is drawn."""
        return self._display is not None

    def __enter__(self) -> Self:
        if self._display is not None:
            # A cell's output belongs to the cell by a context variable, which a new thread lacks.
            context = contextvars.copy_context()
            self._thread = threading.Thread(
                target=context.run, args=(self._draw, self._display), name="progress", daemon=True
            )
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None and self._display is not None:
            self._thread.join()
            self._display.end("" if error is not None else self._final_text)

    def update(self, text: str | Callable[[], str], fraction: float | Callable[[], float] | None = None) -> None:
        """Set the text and the fraction; functions are called at each drawing."""
        self._state = (text, fraction)

    def update_section(self, title: str, number: int, count: int) -> None:
        """Set which of several sections is computed."""
        if count:
            self.update(f"{min(number + 1, count)} of {count}: {title[:1].lower()}{title[1:]}", number / count)

    def leave(self, text: str) -> None:
        """Set the text that remains after the work; by default nothing remains."""
        self._final_text = text

    def _draw(self, display: ProgressDisplay) -> None:
        drawn = None
        wait = SECONDS_BEFORE
        while not self._ended.wait(wait):
            text, fraction = self._state
            state = (text() if callable(text) else text, fraction() if callable(fraction) else fraction)
            if state[0] and state != drawn:
                display.draw(*state)
                drawn = state
            wait = SECONDS_BETWEEN


class NotebookDisplay:
    """One output of a cell, updated in place: a saved notebook holds its last state; rich needs ipywidgets."""

    def __init__(self) -> None:
        self._handle: Any = None

    def draw(self, text: str, fraction: float | None) -> None:
        """Show a bar with its text; without a fraction the bar moves by itself."""
        value = "" if fraction is None else f' value="{fraction:.3f}"'
        bar = f'<progress max="1"{value} aria-label="progress" style="width:12em;accent-color:#0b6fa8"></progress>'
        self._show(text, f"{bar}<span>{html.escape(text)}</span>")

    def end(self, text: str) -> None:
        """Leave the text, if any; an output cannot be removed, only emptied."""
        if text:
            self._show(text, f"<span>{html.escape(text)}</span>")
        elif self._handle is not None:
            self._handle.update({"text/plain": "", "text/html": ""}, raw=True)

    def _show(self, text: str, inner: str) -> None:
        style = "display:flex;flex-wrap:wrap;gap:.2em .8em;align-items:center;font:13px/1.5 system-ui,sans-serif"
        data = {"text/plain": text, "text/html": f'<div style="{style}">{inner}</div>'}
        if self._handle is None:
            from IPython.display import display

            self._handle = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(data, raw=True)


class TerminalDisplay:
    """The last line of a terminal, removed at the end."""

    def __init__(self, console: Console) -> None:
        from rich.live import Live

        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def draw(self, text: str, fraction: float | None) -> None:
        """Draw the bar and its text, cut to the width of the terminal."""
        from rich.progress_bar import ProgressBar as Bar
        from rich.table import Table as Grid
        from rich.text import Text

        bar = Bar(total=None if fraction is None else 1.0, completed=fraction or 0.0, width=BAR_WIDTH)
        line = Grid.grid(padding=(0, 1, 0, 0), expand=True)
        line.add_column(no_wrap=True, width=BAR_WIDTH)
        line.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        line.add_row(bar, Text(printable(text)))
        self._live.start()
        self._live.update(line, refresh=True)

    def end(self, text: str) -> None:
        """Remove the line and leave the text, if any."""
        self._live.stop()
        if text:
            self._console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None


def make_progress_bar(enabled: bool | None = None, stream: TextIO | None = None) -> ProgressBar:
    """A progress bar in a notebook unless disabled, on a terminal if enabled, and hidden elsewhere."""
    if enabled is False:
        return ProgressBar(None)
    if in_notebook():
        return ProgressBar(NotebookDisplay())
    out = sys.stderr if stream is None else stream
    if not (enabled and out.isatty()):
        return ProgressBar(None)
    from rich.console import Console

    return ProgressBar(TerminalDisplay(Console(file=out)))


@contextmanager
def progress_function(enabled: bool | None, given: F | None, make: Callable[[ProgressBar], F]) -> Iterator[F]:
    """The caller's function for messages, sections or events if `given`, or else one that `make` makes of a bar."""
    if given is not None:
        yield given
        return
    with make_progress_bar(enabled) as bar:
        yield make(bar)
