"""Which separator and which quote a text uses: the widths of its lines and the look of its cells decide."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tidynet.table.cell_patterns import is_moment, is_plain, is_typed
from tidynet.table.read_options import BLANKS
from tidynet.table.split_fields import WIDE_BLANKS, FieldSyntax
from tidynet.table.text_records import Record, RecordReader

SEPARATORS = (",", ";", "\t", "|")
_RARE = ("::", ":", "^", "~", "\x01", "\x1f", "§", "¦")
_BY_BLANKS = (WIDE_BLANKS, BLANKS, " ")
_CELLS_TRIED = 600
_MIN_SHARE = 0.55
_BARE_CELL = r"(?:^|[,;\t|:^~\x01\x1f ]) *{0}[^{0}]*{0} *(?=$|[,;\t|:^~\x01\x1f ])"


@dataclass(frozen=True, slots=True)
class _Split:
    """The lines of the beginning as one separator splits them."""

    syntax: FieldSyntax
    width: int
    share: float  # of the records from the first one of this width on
    begins_at: int  # the first record of this width
    n_records: int
    plain: float  # the share of cells that look like cells
    has_typed_column: bool
    is_whole: bool  # all lines have this width, but for a shorter header and two lines at the end

    @property
    def score(self) -> float:
        """How well the separator explains the lines."""
        # Lines above the first one of this width are few, where they are titles.
        explained = (self.n_records - self.begins_at) / self.n_records
        return self.share**2 * explained * self.plain * (1 - 1 / (1 + self.width))


def detect_syntax(
    lines: Sequence[str], preferred: str, separator: str | None, quote: str | None, escape: str | None
) -> tuple[FieldSyntax, str]:
    """How fields are written in these lines, and the evidence; what is set is kept."""
    quotes = [quote] if quote is not None else _possible_quotes(lines)
    escapes = [escape] if escape is not None else _possible_escapes(lines)

    def splits(separators: Iterable[str]) -> list[_Split]:
        tried = [FieldSyntax(mark, q, e) for mark in dict.fromkeys(separators) for q in quotes for e in escapes]
        return [split for syntax in tried if (split := _split(lines, syntax)) is not None]

    if separator is not None:
        found = splits([separator])
        best = max(found, key=lambda split: split.score, default=None)
        return (best.syntax if best else FieldSyntax(separator, quotes[0], escapes[0])), ""
    candidates = [split for split in splits([preferred, *SEPARATORS]) if split.width > 1]
    if preferred != ",":
        own = [split for split in candidates if split.syntax.separator == preferred and split.share > _MIN_SHARE]
        candidates = own or candidates
    best = max(candidates, key=lambda split: split.score, default=None)
    if best is None or best.share < 1 or best.begins_at or best.plain < 0.9:
        strict = [split for split in splits([*_RARE, *_BY_BLANKS]) if _is_certain(split, lines)]
        better = max(strict, key=lambda split: split.score, default=None)
        if better is not None and (best is None or better.score > 1.1 * best.score):
            best = better
    if best is None or best.share < _MIN_SHARE:
        whole = _split(lines, FieldSyntax(",", quotes[0], escapes[0]))
        return (best.syntax if best else whole.syntax if whole else FieldSyntax()), ""
    best = _doubled_mark(best, lines) or best
    return best.syntax, f"{best.width} fields in {best.share:.0%} of the first lines"


def _split(lines: Sequence[str], syntax: FieldSyntax) -> _Split | None:
    records = [record for record in RecordReader(lines, syntax) if record.text.strip() and not record.is_empty]
    if not records:
        return None
    records = records[:-1] if records[-1].is_open and len(records) > 1 else records
    width = usual_width(records)
    begin = next(index for index, record in enumerate(records) if len(record.cells) == width)
    body = records[begin:]
    good = [record for record in body if len(record.cells) == width]
    clean = sum(not record.has_stray_quote for record in good)
    cells = [cell for record in good for cell in record.cells][:_CELLS_TRIED]
    plain = sum(is_plain(cell) or syntax.separator in cell for cell in cells) / len(cells)
    columns = zip(*(record.cells for record in good[1:]), strict=True)
    # A line of units or a footer is no number.
    has_typed = any(sum(map(is_typed, column)) >= max(1, 0.7 * len(column)) for column in columns)
    above = [len(record.cells) for record in records[:begin]]
    is_shorter = bool(above) and len(above) < 4 and all(found == width - 1 > 1 for found in above)
    ending = next((n for n, record in enumerate(reversed(body)) if len(record.cells) == width), 0)
    whole = len(good) == len(body) - (ending if ending < 3 else 0) and (not above or is_shorter)
    return _Split(syntax, width, clean / len(body), begin, len(records), plain, has_typed, whole)


def usual_width(records: Sequence[Record]) -> int:
    """The number of fields that most records have, later ones counting more, since lines above a table differ.

    Of the first record where there are too few to say.
    """
    counts = Counter(len(record.cells) for record in records)
    if max(counts.values()) == 1 or len(records) < 3:
        return len(records[0].cells)
    weights: Counter[int] = Counter()
    for position, record in enumerate(records, start=1):
        weights[len(record.cells)] += len(records) + position
    width = max(counts, key=lambda width: (weights[width], counts[width]))
    return width if width > 1 else _width_at_end(records) or 1


def _width_at_end(records: Sequence[Record]) -> int:
    """The width of the table below a long text of single fields, 0 if there is none."""
    width = len(records[-1].cells)
    begin = next(position for position, record in enumerate(records) if len(record.cells) == width)
    below = records[begin:]
    return width if width > 1 and len(below) > 2 and all(len(record.cells) == width for record in below) else 0


def _is_certain(split: _Split, lines: Sequence[str]) -> bool:
    """Whether a rare separator explains every line, so that it is not just a mark within cells."""
    if split.width < 2 or not split.is_whole or split.n_records < 3 or split.plain < 0.95:
        return False
    # Blanks may stand between thousands, but then a header of one word would have another width.
    whole = [is_moment(line) or (is_typed(line) and " " not in line.strip()) for line in lines]
    if sum(whole) > 0.5 * len(lines):
        return False
    return split.has_typed_column or (split.syntax.separator in _RARE and split.n_records >= 4)


def may_have_separator(lines: Sequence[str]) -> bool:
    """Whether each line holds the same number of some mark, so that it may have several fields."""
    filled = [line.strip() for line in lines if line.strip()]
    if len(filled) < 3 or sum(map(is_moment, filled)) > 0.5 * len(filled):
        return False
    for mark in (*SEPARATORS, *_RARE, WIDE_BLANKS, " "):
        counts = Counter(line.count(mark) for line in filled)
        most, lines_with = counts.most_common(1)[0]
        if most and lines_with >= 0.9 * len(filled):
            return True
    return False


def _doubled_mark(split: _Split, lines: Sequence[str]) -> _Split | None:
    """The same mark written twice, as in a||b, where every second field would be empty."""
    mark = split.syntax.separator
    # Two commas, semicolons or tabs are an empty column.
    if mark not in ("|", ":", "^", "~") or split.width % 2 == 0:
        return None
    filled = [line for line in lines if mark in line]
    if not filled or sum(mark * 2 in line for line in filled) < 0.8 * len(filled):
        return None
    doubled = _split(lines, FieldSyntax(mark * 2, split.syntax.quote, split.syntax.escape))
    return doubled if doubled and doubled.is_whole and 2 * doubled.width - 1 == split.width else None


def _possible_quotes(lines: Sequence[str]) -> list[str]:
    """The double quote, or the single one where it alone stands around whole fields."""
    text = "\n".join(lines)
    double, single = (len(re.findall(_BARE_CELL.format(mark), text, re.MULTILINE)) for mark in ('"', "'"))
    n_lines = sum(bool(line.strip()) for line in lines)
    return ["'"] if not double and single >= max(2, 0.6 * n_lines) else ['"']


def _possible_escapes(lines: Sequence[str]) -> list[str]:
    return ["", "\\"] if any('\\"' in line or "\\'" in line for line in lines) else [""]
