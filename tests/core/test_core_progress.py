"""One line that moves: in a notebook, on a terminal, and nothing elsewhere."""

from __future__ import annotations

import io
import re
import threading

import pytest
from rich.console import Console

from tidynet.core import progress as module
from tidynet.core.progress import ProgressBar, TerminalDisplay, make_progress_bar


class Recorded:
    """A surface that remembers."""

    def __init__(self) -> None:
        self.drawn: list[tuple[str, float | None]] = []
        self.left: list[str] = []
        self.was_drawn = threading.Event()

    def draw(self, words: str, share: float | None) -> None:
        self.drawn.append((words, share))
        self.was_drawn.set()

    def end(self, words: str) -> None:
        self.left.append(words)


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_BEFORE", 0.001)
    monkeypatch.setattr(module, "SECONDS_BETWEEN", 0.001)


def test_quick_work_leaves_nothing() -> None:
    surface = Recorded()
    with ProgressBar(surface) as moving:
        moving.update("reading", 0.5)
    assert (surface.drawn, surface.left) == ([], [""])


@pytest.mark.usefixtures("fast")
def test_what_is_asked_when_drawn_is_the_latest() -> None:
    surface = Recorded()
    with ProgressBar(surface) as moving:
        moving.update(lambda: "reading", lambda: 0.25)
        assert surface.was_drawn.wait(10)
        moving.leave("read")
    assert surface.drawn[0] == ("reading", 0.25)
    assert surface.left == ["read"]


def test_an_error_takes_the_line_away() -> None:
    surface = Recorded()

    def failing() -> None:
        with ProgressBar(surface) as moving:
            moving.leave("done")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        failing()
    assert surface.left == [""]


def test_the_line_of_a_terminal_is_cut_to_its_width_and_removed() -> None:
    stream = FakeTerminal()
    display = TerminalDisplay(Console(file=stream, width=60, color_system=None, force_terminal=True))
    display.draw("reading\n" + "x" * 500, 0.5)
    display.end("read 3 rows")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    drawn = plain.replace("\r", "\n").partition("\n")[0]
    assert drawn.startswith("━━━━━━━━━━           reading\\nxxx")
    assert drawn.rstrip().endswith("…")
    assert len(drawn) <= 60
    assert plain.endswith("read 3 rows\n")


def test_nothing_moves_in_a_pipe_and_on_a_terminal_only_if_asked() -> None:
    assert not make_progress_bar(True, io.StringIO()).is_visible
    assert not make_progress_bar(None, FakeTerminal()).is_visible
    assert make_progress_bar(True, FakeTerminal()).is_visible
