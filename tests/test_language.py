"""The words of the package: names, messages, comments, templates and docs use the field's terms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ("src", "tests", "benchmarks", "docs")
SUFFIXES = {".py", ".md", ".jinja", ".js", ".css", ".toml"}

# A word or phrase, and the term in its place. Word parts of names (`rows_told`) count as words.
UNUSED = {
    r"told": "text, described, reported",
    r"tells?": "states, shows, explains",
    r"heard|hears?|listens?|listeners?": "on_event, receives",
    r"leans?|leaning|leant": "feature importance",
    r"amiss": "leakage, wrong",
    r"lessons?": "batch, step",
    r"rivals?": "baseline",
    r"kept[ _]out": "test set",
    r"(?:kept|keeps?|keeping)[ _]back": "validation set",
    r"(?:set|sets|setting)[ _]aside": "excluded, held out",
    r"unfamiliar\w*|familiar\w*": "novelty",
    r"doubt\w*": "uncertainty",
    r"learnt|unlearnt": "trained, learned",
    r"beyond[ _]chance": "significant",
    r"rows are held": "coverage",
    r"promis\w*": "target coverage, guarantee",
    r"stand-ins?": "sentinel value",
    r"misspelt": "misspelled",
    r"judgements?": "inferred type",
    r"mends?|mended|mending": "fix",
    r"turned[ _]round": "Simpson's paradox",
    r"goes[ _]with|go together|goes together": "associated, correlated",
    r"deserves attention": "finding",
    r"commonest": "most frequent",
    r"colou(?:r|rs|red|ring|rful)|colour\w*": "color",
    r"centre[sd]?": "center",
    r"neighbou?r?s?hood|neighbours?|neighbouring": "neighbor",
    r"behaviours?": "behavior",
    r"labelled|unlabelled|labelling": "labeled",
    r"modelled|modelling|travelled": "modeled, traveled",
    r"grey": "gray",
    r"licence[sd]?": "license",
    r"favour\w*|honour\w*": "favor, honor",
    r"\w*(?:standard|normal|regular|optim|initial|general|recogn|summar|visual|penal|vector|organ|random|minim|maxim|serial|special|categor|parameter|token|synchron|discret|winsor|character|util|real|factor|symbol)is(?:e|ed|es|er|ers|ing|ation|ations)": "-ize",
}
WORD = {pattern: re.compile(rf"(?<![A-Za-z])(?:{pattern})(?![A-Za-z])", re.IGNORECASE) for pattern in UNUSED}
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# What other libraries, languages and people call their own.
OTHERS = re.compile(r"\.tell\(\)|addEventListener|colour=nominal")


def files() -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and path != Path(__file__) and "results" not in path.parts:
                yield path
    yield from (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml"))


def unused_words(text: str) -> Iterator[tuple[int, str, str]]:
    """Each unused word of a text: line, the word, the term in its place."""
    for number, line in enumerate(text.splitlines(), 1):
        line = CAMEL.sub(" ", OTHERS.sub("", line))
        for pattern, expression in WORD.items():
            for found in expression.finditer(line):
                yield number, found.group(), UNUSED[pattern]


@pytest.mark.parametrize("path", list(files()), ids=lambda path: str(path.relative_to(ROOT)))
def test_words_are_the_fields_terms(path: Path) -> None:
    found = [f"line {line}: {word!r}, expected {term}" for line, word, term in unused_words(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def rows_told(Doubtful): ...", ["told", "Doubtful"]),
        ("rows held out, not kept out", ["kept out"]),
        ("Standardised colours are learnt", ["learnt", "colours", "Standardised"]),
        ("a baseline with standardized colors; stream.tell()", []),
    ],
)
def test_an_unused_word_is_found(text: str, words: list[str]) -> None:
    assert sorted(word for _, word, _ in unused_words(text)) == sorted(words)
