"""One clean table, written as people and programs write tables: in many dialects, from a seed."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass, field
from typing import Any

Cell = str | int | float | bool | datetime.date | None

_WORDS = {
    "ascii": ("north", "south", "old town", "harbor", "hill", "east side", "lake", "market", "O Neil", "green"),
    "cp1252": (
        "Zürich",
        "Orléans",
        "Köln",
        "Málaga",
        "Århus",
        "São Paulo",
        "Besançon",
        "Plön",
        "Münster",
        "Norrköping",
    ),
    "cp1251": ("Москва", "Казань", "Омск", "Тула", "Пермь", "Тверь", "Самара", "Уфа", "Псков", "Рязань"),
    "shift_jis": ("東京", "大阪", "横浜", "さっぽろ", "名古屋", "きょうと", "神戸", "なら", "広島", "仙台"),
    "any": ("Zürich", "Москва", "東京", "naïve", "Łódź", "plain", "Ωmega", "São Paulo", "Besançon", "Gdańsk"),
}
_DATES = {"iso": "%Y-%m-%d", "dots": "%d.%m.%Y", "slashes": "%d/%m/%Y", "american": "%m/%d/%Y", "compact": "%Y/%m/%d"}
_TITLES = ("Sales report 2024", "Station 7", "exported from the system", "Quarterly figures", "Internal use only")
_FOOTERS = ("Source: statistical office", "* preliminary figures of the year", "Note: rounded values")


@dataclass(frozen=True)
class Written:
    """A table, its text as bytes, and how it was written."""

    names: list[str]
    rows: list[list[Cell]]
    content: bytes
    dialect: dict[str, Any] = field(default_factory=dict)


def choose(random_source: random.Random) -> dict[str, Any]:
    """A dialect."""
    pick = random_source.choice
    encoding = pick(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "utf-16-le", "cp1252", "cp1251", "shift_jis"])
    separator = pick([","] * 4 + [";"] * 3 + ["\t"] * 2 + ["|", ":", "^", "~", "||", "::", "blanks"])
    words = {"cp1252": "cp1252", "cp1251": "cp1251", "shift_jis": "shift_jis"}.get(encoding)
    return {
        "encoding": encoding,
        "separator": separator,
        "words": words or pick(["ascii", "any"] if encoding != "cp1252" else ["cp1252"]),
        "decimal": pick([".", ","]) if separator != "," else ".",
        "dates": pick(list(_DATES)),
        "quote": pick(['"'] * 4 + ["'"]),
        "quoting": pick(["needed", "needed", "all", "text"]),
        "doubled": pick([True, True, True, False]),  # or a backslash before a quote
        "line_end": pick(["\n", "\n", "\r\n", "\r"]),
        "header": pick(["one"] * 6 + ["two", "units", "none"]),
        "top": pick(["nothing"] * 4 + ["title", "titles", "padded", "comment", "blank", "separators", "sep="]),
        "bottom": pick(["nothing"] * 5 + ["blank", "separators", "footer", "apart", "no line end"]),
        "inside": pick(["nothing"] * 6 + ["blank"]),
        "trailing": pick([False] * 6 + [True]),
        "blanks_after": pick([False] * 6 + [True]),
        "missing": pick(["", "", "NA", "NULL", "n/a"]),
        "row_names": pick([False] * 9 + [True]),
    }


def write_table(seed: int) -> Written:
    """The table of a seed in the dialect of the seed."""
    source = random.Random(seed)
    dialect = choose(source)
    _settle(dialect)
    names = ["place", "count", "share", "day", "open"]
    rows = _rows(source, dialect)
    lines = _top(source, dialect, len(names))
    lines += _header(dialect, names)
    body = [_line(dialect, [_text(cell, dialect) for cell in row], row) for row in rows]
    if dialect["row_names"]:
        body = [_field(dialect, f"r{number}", True) + dialect["separator"] + line for number, line in enumerate(body)]
        names = ["column_1", *names]
        rows = [[f"r{number}", *row] for number, row in enumerate(rows)]
    if dialect["inside"] == "blank":
        body.insert(len(body) // 2, "")
    lines += body + _bottom(source, dialect, len(names))
    end = dialect["line_end"]
    text = end.join(lines) + ("" if dialect["bottom"] == "no line end" else end)
    if dialect["header"] == "none":
        names = [f"column_{position}" for position in range(1, len(names) + 1)]
    return Written(names, rows, text.encode(dialect["encoding"]), dialect)


def _settle(dialect: dict[str, Any]) -> None:
    """Leave out what no writer would combine, since no reader could know it."""
    separator = dialect["separator"]
    if separator == "blanks":
        dialect.update(
            missing="NA", quoting="needed", trailing=False, blanks_after=False, row_names=False, top="nothing"
        )
    if separator == "blanks" and dialect["bottom"] in ("footer", "separators", "apart"):
        dialect["bottom"] = "nothing"
    if separator in (":", "^", "~", "||", "::", "blanks") and dialect["header"] in ("two", "none"):
        dialect["header"] = "one"
    if separator in (":", "^", "~", "||", "::") and dialect["top"] in ("title", "titles", "padded"):
        dialect["top"] = "nothing"
    if dialect["top"] == "sep=" and (len(separator) > 1 or dialect["encoding"] not in ("utf-8", "utf-8-sig")):
        dialect["top"] = "nothing"
    if dialect["header"] == "none":
        dialect.update(row_names=False, top="nothing")
    if dialect["row_names"]:
        dialect.update(header="one", trailing=False)
    if dialect["quote"] == "'":
        dialect.update(quoting="all", doubled=True)
    if dialect["bottom"] == "separators" and (separator == "blanks" or dialect["trailing"]):
        dialect["bottom"] = "nothing"
    if separator in ("||", "::"):
        dialect["blanks_after"] = False


def _rows(source: random.Random, dialect: dict[str, Any]) -> list[list[Cell]]:
    count = source.randint(8, 25)
    words = _WORDS[dialect["words"]]
    if dialect["separator"] == "blanks":
        words = tuple(word.replace(" ", "_") for word in words)
    mark, between = dialect["quote"], dialect["separator"]
    extra = [] if between == "blanks" else [f"a{between} b", f"the {mark}best{mark}, so far"]
    rows: list[list[Cell]] = []
    for number in range(count):
        word = source.choice(extra) if extra and source.random() < 0.1 else source.choice(words)
        whole: Cell = source.randint(-50, 5000)
        part: Cell = round(source.uniform(0, 300), 2) + 0.01
        day: Cell = datetime.date(2023, 1, 1) + datetime.timedelta(days=source.randint(0, 700))
        row: list[Cell] = [word, whole, round(float(str(part)), 2), day, source.random() < 0.5]
        for column in range(1, 5):
            if source.random() < 0.05:
                row[column] = None
        if number == 0:
            row = [words[0], 17, 12.25, datetime.date(2024, 3, 25), True]
        if number == 1:
            row = [words[1], 18, 3.75, datetime.date(2024, 11, 30), False]
        rows.append(row)
    return rows


def _text(cell: Cell, dialect: dict[str, Any]) -> str:
    if cell is None:
        return str(dialect["missing"])
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.2f}".replace(".", dialect["decimal"])
    if isinstance(cell, datetime.date):
        return cell.strftime(_DATES[dialect["dates"]])
    return str(cell)


def _field(dialect: dict[str, Any], text: str, is_text: bool) -> str:
    quote, separator = dialect["quote"], dialect["separator"]
    between = " " if separator == "blanks" else separator
    needs = between in text or quote in text or "\n" in text
    wanted = dialect["quoting"] == "all" or (dialect["quoting"] == "text" and is_text)
    if not needs and not (wanted and text):
        return text
    inner = text.replace(quote, quote * 2 if dialect["doubled"] else "\\" + quote)
    return quote + inner + quote


def _line(dialect: dict[str, Any], texts: list[str], cells: list[Any]) -> str:
    separator = dialect["separator"]
    fields = [_field(dialect, text, isinstance(cell, str)) for text, cell in zip(texts, cells, strict=True)]
    if separator == "blanks":
        return "".join(f"{text:<14}" for text in fields[:-1]) + fields[-1]
    between = separator + (" " if dialect["blanks_after"] else "")
    return between.join(fields) + (separator if dialect["trailing"] else "")


def _header(dialect: dict[str, Any], names: list[str]) -> list[str]:
    if dialect["header"] == "none":
        return []
    first = _line({**dialect, "trailing": False}, list(names), list(names))
    if dialect["header"] == "units":
        return [first, _line({**dialect, "trailing": False}, ["(name)", "(n)", "(%)", "(date)", "(flag)"], [""] * 5)]
    if dialect["header"] == "two":
        above = _line({**dialect, "trailing": False}, ["", "sizes", "", "times", ""], [""] * 5)
        return [above, first]
    return [first]


def _top(source: random.Random, dialect: dict[str, Any], width: int) -> list[str]:
    separator = " " if dialect["separator"] == "blanks" else dialect["separator"]
    title = source.choice(_TITLES)
    return {
        "nothing": [],
        "title": [title],
        "titles": [title, source.choice(_TITLES), ""],
        "padded": [title + separator * (width - 1), separator * (width - 1)],
        "comment": [f"# {title}", "# by hand"],
        "blank": ["", ""],
        "separators": [separator * (width - 1)],
        "sep=": [f"sep={separator}"],
    }[dialect["top"]]


def _bottom(source: random.Random, dialect: dict[str, Any], width: int) -> list[str]:
    separator = " " if dialect["separator"] == "blanks" else dialect["separator"]
    return {
        "nothing": [],
        "no line end": [],
        "blank": ["", ""],
        "separators": [separator * (width - 1)] * 2,
        "footer": [source.choice(_FOOTERS)],
        "apart": ["", source.choice(_FOOTERS)],
    }[dialect["bottom"]]


def expected_names(written: Written) -> list[str]:
    """The names that a reader should give."""
    kind = written.dialect["header"]
    if kind == "units":
        return [
            f"{name}_{unit}"
            for name, unit in zip(written.names, ["(name)", "(n)", "(%)", "(date)", "(flag)"], strict=True)
        ]
    if kind == "two":
        return ["place", "sizes_count", "sizes_share", "times_day", "times_open"]
    return written.names
