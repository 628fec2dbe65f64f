"""The events of an experiment as text, with a moving bar where one can move.

On a terminal training is one bar; anywhere else (a pipe, a file, a log) it is plain lines.
Whatever a table holds is shown as text: markup and control characters have no effect.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from rich.console import Console, RenderableType
from rich.live import Live
from rich.status import Status
from rich.table import Table as Grid
from rich.text import Text

from tidynet.progress.training import Progress, training_summary
from tidynet.progress.words import counted, shown, size
from tidynet.terminal.grids import column_grid, contribution_grid, score_grid, section_grid
from tidynet.terminal.progress import bars_of

if TYPE_CHECKING:
    from tidynet.experiment import (
        Compiling,
        EpochEnded,
        Evaluated,
        FilesWritten,
        PartBegun,
        RowsSplit,
        SettingsChosen,
        TableRead,
        TrainingEnded,
    )
    from tidynet.exploration import Compared, Exploration
    from tidynet.trust.contributions import Contributions
    from tidynet.trust.evaluation import Evaluation
    from tidynet.trust.section import Section

__all__ = ["Screen"]

# Where nothing needs to fit on a screen, no line is broken.
UNBROKEN = 10_000
# A longer list of columns is cut, unless --verbose asks for all of it.
LISTED_COLUMNS = 40
LISTED_FINDINGS = 8
LISTED_SHIFTS = 20
PARTS_BAR = 20  # characters
# Drawing takes time from training, and nobody reads faster than this.
SECONDS_BETWEEN_FRAMES = 0.1
# A slow training says something at least this often.
SECONDS_BETWEEN_LINES = 10.0


class Screen:
    """Say on `stream` what an experiment does, event by event; hand it to ``experiment.run``.

    Parameters
    ----------
    stream : text stream
        Where to write; a bar moves only on a terminal.
    verbose : bool, default False
        Say also why each column is judged to be what it is, and list every column.
    quiet : bool, default False
        Say only the result in one sentence and the files.
    clock : callable, default time.monotonic
        Gives the time in seconds; decides how often the bar moves.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        verbose: bool = False,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = Console(file=stream, markup=False, highlight=False, emoji=False)
        self._moves = self._console.is_terminal and not self._console.is_dumb_terminal
        if not self._console.is_terminal:
            self._console.width = UNBROKEN
        self._verbose = verbose
        self._quiet = quiet
        self._clock = clock
        self._live: Live | None = None
        self._status: Status | None = None
        self._drawn = -math.inf
        self._progress: Progress | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_bar()

    def __call__(self, event: object) -> None:
        """Say one event of an experiment."""
        says: dict[str, Callable[[Any], None]] = {
            "TableRead": self._table_read,
            "RowsSplit": self._rows_split,
            "SettingsChosen": self._settings_chosen,
            "Compiling": self._compiling,
            "EpochEnded": self._epoch_ended,
            "TrainingEnded": self._training_ended,
            "PartBegun": self._part_begun,
            "Evaluated": self._evaluated,
            "FilesWritten": self._files_written,
        }
        # Networks that are trained side by side speak from their own threads.
        with self._lock:
            says[type(event).__name__](event)

    def evaluation(self, evaluation: Evaluation) -> None:
        """Say the scores of the network beside the baselines, the sentence, and what the other parts found.

        Rows that were learnt from, a table unlike the training rows and a baseline that wins are said first.
        """
        self._end_bar()
        if not self._quiet:
            for words in evaluation.opening:
                self._say(Text(shown(words), "bold"))
                self._say("")
            self._say(Text(shown(evaluation.heading), "bold"))
            if not evaluation.none_known:
                self._say_grid(self._fitting(partial(score_grid, evaluation)))
            self._say_notes(evaluation.notes)
            if evaluation.closing:
                self._say("")
        brief = [words for words in (evaluation.learnt, evaluation.sentence) if words]
        for words in brief if self._quiet else evaluation.closing:
            self._say(Text(shown(words), "bold"))
        if not self._quiet:
            for section in evaluation.sections:
                if section.sentences:
                    self._section(section)

    def contributions(self, found: Contributions) -> None:
        """Say what moves one row's prediction, a bar for each column, and whether it all adds up."""
        self._end_bar()
        self._say(Text(shown(found.heading), "bold"))
        self._say("")
        self._say_grid(contribution_grid(found, self._console.width))
        self._say("")
        self._say(shown(found.sums))
        self._say(shown(found.certainty))

    def part(self, title: str, number: int, parts: int) -> None:
        """Say which part of an evaluation is being read, as a bar over all of them."""
        if parts:
            done = round(PARTS_BAR * number / parts)
            bar = "━" * done + "╌" * (PARTS_BAR - done)
            self.working(f"{bar} {min(number + 1, parts)} of {parts}: {title[0].lower()}{title[1:]}")

    def _section(self, section: Section) -> None:
        self._say("")
        self._say(Text(shown(section.title), "bold"))
        for words in section.sentences:
            self._say(f"  {shown(words)}")
        if section.lines:
            self._say_grid(self._fitting(partial(section_grid, section)))

    def _fitting(self, grid: Callable[..., Grid]) -> Grid:
        """The table in one line a row, else with intervals below their values, whole if there is room for that."""
        unbroken = self._console.options.update(max_width=UNBROKEN)
        for choices in ({}, {"narrow": True, "whole": True}, {"narrow": True, "whole": True, "bare": True}):
            table = grid(**choices)
            if self._console.measure(table, options=unbroken).maximum <= self._console.width:
                table.columns[0].max_width = None  # it may have what is left
                return table
        return grid(narrow=True)

    def working(self, words: str) -> None:
        """Say what is being done, with a sign that moves, until there is something to say."""
        if self._quiet or not self._moves:
            return
        if self._status is None:
            self._status = self._console.status(shown(words))
            self._status.start()
        else:
            self._status.update(shown(words))

    def exploration(self, exploration: Exploration) -> None:
        """Say what was seen of a table: five lines, then its findings, most important first."""
        from tidynet.share.explore_words import summary_lines
        from tidynet.terminal.exploring import finding_block, finding_lines, profile_grid

        self._end_bar()
        profile = exploration.profile
        first, *lines = summary_lines(profile)
        self._say(Text(f"{shown(profile.name)}: {shown(first)}", "bold"))
        if self._quiet:
            return
        for line in lines:
            self._say(shown(line))
        self._say_notes(profile.notes)
        if self._verbose:
            found = getattr(exploration.table, "reading", {})
            if found:
                self._say("read as: " + ", ".join(f"{name} {shown(value)}" for name, value in found.items()))
            self._say("")
            self._say_grid(profile_grid(profile.columns))
        findings = profile.findings if self._verbose else profile.findings[:LISTED_FINDINGS]
        for number, one in enumerate(findings, 1):
            self._say("")
            if self._console.is_terminal:
                self._console.print(finding_block(number, one))
            else:
                for line in finding_lines(number, one):
                    self._say(line)
        left = len(profile.findings) - len(findings)
        self._say("")
        if left:
            self._say(f"… and {counted(left, 'more finding')}, in the report or with --verbose")
        elif not findings:
            self._say("nothing was found that deserves attention")

    def comparison(self, compared: Compared) -> None:
        """Say how a second table differs from a first, most first."""
        from tidynet.share.compare_report import comparison_lines

        self._end_bar()
        comparison = compared.comparison
        first, *lines = comparison_lines(comparison)
        names = f"{shown(comparison.second)} beside {shown(comparison.first)}"
        self._say(Text(f"{names}: {first}", "bold"))
        if self._quiet:
            return
        for line in lines:
            self._say(shown(line))
        self._say_notes(comparison.notes)
        self._say("")
        sentences = comparison.sentences()
        told = sentences if self._verbose else sentences[:LISTED_SHIFTS]
        for number, sentence in enumerate(told, 1):
            self._say(f"{number}. {shown(sentence)}")
        if len(told) < len(sentences):
            self._say(f"… and {len(sentences) - len(told):,} more, in the report or with --verbose")
        self._say("")

    def file(self, path: Path, byte_count: int, holding: str = "") -> None:
        """Say that a file was written, its size, and what it holds if that is not plain."""
        self._say(f"wrote {shown(str(path))} ({holding}{size(byte_count)})")

    def _table_read(self, event: TableRead) -> None:
        if self._quiet:
            return
        table = event.table
        rows, columns = counted(len(table) + event.dropped_rows, "row"), counted(len(table.columns), "column")
        limit = None if self._verbose else LISTED_COLUMNS
        self._say(Text(f"{shown(table.name)}: {rows}, {columns}", "bold"))
        remarks = dict.fromkeys(event.set_aside, "set aside") | {event.target: f"target, {event.task}"}
        self._say_grid(column_grid(table, remarks, reasons=self._verbose, limit=limit))
        if limit is not None and len(table.columns) > limit:
            self._say(f"… and {len(table.columns) - limit:,} more; --verbose lists every column")
        self._say(_missing_cells(event))
        if self._verbose and table.reading:
            found = dict(table.reading)
            how = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in found.items() if name != "format")
            self._say(f"read as {found.get('format', 'a table')}" + f": {shown(how)}" * bool(how))
        for name, reason in list(event.set_aside.items())[:limit]:
            self._say(f"set aside {shown(name)}: {shown(reason)}")
        if event.dropped_rows:
            self._say(f"left out {counted(event.dropped_rows, 'row')} without a target")
        self._say_notes(event.notes)
        self._say("")

    def _rows_split(self, event: RowsSplit) -> None:
        if self._quiet:
            return
        how = event.how or ("stratified by class" if event.stratified else "at random")
        validation = f" {event.validation:,} for validation," if event.validation or not event.folds else ""
        self._say(
            f"split {how} with seed {event.seed}: {counted(event.training, 'row')} for training,{validation} "
            f"{event.test:,} for the test; the test rows are touched once, at the end"
        )
        if event.folds:
            self._say(f"each network keeps back one of {event.folds} folds of the training rows, to stop in time")
        self._say_notes(event.notes)
        self._say("")

    def _settings_chosen(self, event: SettingsChosen) -> None:
        if not self._quiet:
            self._say(event.line)

    def _compiling(self, event: Compiling) -> None:  # noqa: ARG002 (it says all by happening)
        if not self._quiet:
            self._say("compiling the engine; this happens once")

    def _epoch_ended(self, event: EpochEnded) -> None:
        now = self._clock()
        if self._progress is None:
            self._progress = Progress(now, event)
        self._progress.hear(event)
        waited = now - self._drawn
        if self._quiet:
            return
        if self._moves and waited >= SECONDS_BETWEEN_FRAMES:
            self._drawn = now
            self._draw(bars_of(self._progress, event, now, self._console.width))
        elif not self._moves and (waited >= SECONDS_BETWEEN_LINES or self._progress.is_round(event)):
            self._drawn = now
            self._say(self._progress.line(event, now))

    def _draw(self, picture: RenderableType) -> None:
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(picture, refresh=True)

    def _end_bar(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _training_ended(self, event: TrainingEnded) -> None:
        self._end_bar()
        if self._quiet:
            return
        seconds = self._progress.elapsed(self._clock()) if self._progress else 0.0
        histories = list(event.histories or (event.history,))
        self._say(training_summary(histories, seconds, event.interrupted))
        self._say_notes(dict.fromkeys(note for history in histories for note in history.notes))
        self._say("")

    def _part_begun(self, event: PartBegun) -> None:
        self.part(event.title, event.number, event.parts)

    def _evaluated(self, event: Evaluated) -> None:
        self.evaluation(event.evaluation)

    def _files_written(self, event: FilesWritten) -> None:
        for path, byte_count in event.files:
            self.file(path, byte_count)

    def _say(self, what: str | Text) -> None:
        self._console.print(what)

    def _say_notes(self, notes: Iterable[str]) -> None:
        for note in notes:
            self._say(f"note: {shown(note)}")

    def _say_grid(self, grid: Grid) -> None:
        if self._console.is_terminal:
            self._console.print(grid)
            return
        # rich fills cells up with blanks, which plain lines have no use for.
        with self._console.capture() as captured:
            self._console.print(grid)
        for line in captured.get().splitlines():
            self._say(line.rstrip())


def _missing_cells(event: TableRead) -> str:
    affected = [number for number in event.table.missing.values() if number]
    if not affected:
        return "no cell is missing"
    missing, columns = counted(sum(affected), "missing cell"), counted(len(affected), "column")
    return f"{missing} in {columns}"
