"""Tables that are drawn with lines: Markdown, and the output of database programs."""

from __future__ import annotations

import csv
import re
from pathlib import Path

_HEAD = 1 << 16
# |---|:--:| of Markdown, ---+--- of psql, +---+---+ of MySQL and pandoc.
_RULE = re.compile(r"\s*(?:\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?|\+?[-=]+(?:\+[-=]+)+\+?|\|\s*:?-{3,}:?\s*\|)\s*")
_BAR = re.compile(r"(?<!\\)\|")


def without_lines(path: Path, folder: Path) -> Path | None:
    """A copy of a drawn table as CSV, its other lines as they are; None for any other text."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        head = file.read(_HEAD).splitlines()
    rules = [position for position, line in enumerate(head) if _RULE.fullmatch(line)]
    if not rules or not any("|" in line for line in head[max(0, rules[0] - 1) : rules[0] + 2]):
        return None
    copy = folder / "drawn.csv"
    with path.open(encoding="utf-8-sig", newline="") as source, copy.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        for line in source:
            text = line.strip()
            if _RULE.fullmatch(text):
                continue
            if "|" in text:
                inner = text.removeprefix("|")
                inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
                writer.writerow([cell.strip().replace("\\|", "|") for cell in _BAR.split(inner)])
            else:
                target.write(f"{text}\n")
    return copy
