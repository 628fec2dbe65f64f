"""Rare categories that may be misspellings of frequent ones.

A name that is numbered or lettered (TYPE II and TYPE VI, class A and class B, IIa and IIb) is another name: only words
are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping

from tidynet.profiling.findings import thresholds as t

MAX_SEARCHED = 5_000
"""Misspellings are searched for among so many categories, the most frequent ones."""

_MAX_LENGTH = 40
_SYSTEM = 3  # frequent names with one change
_WORD = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")  # between the words of camelCase
_ROMAN = re.compile(r"[ivxlcdm]+[a-d]?")
# Endings of one letter's difference that make another word: chemistry (nitrate, nitrite), surnames (Olsen, Olson).
_ENDINGS = (
    frozenset({"ate", "ite", "ide"}),
    frozenset({"ane", "ene", "ine", "yne", "one"}),
    frozenset({"anol", "enol"}),
    frozenset({"sen", "son"}),
    frozenset({"ic", "ac"}),
    frozenset({"er", "or", "ar"}),
    frozenset({"tion", "sion"}),
    frozenset({"ent", "ant"}),
)
# A letter in the middle that turns one word into its opposite.
_PREFIXES = (frozenset({"inter", "intra"}), frozenset({"im", "in", "un"}), frozenset({"hyper", "hypo"}))


def find_misspellings(categories: Mapping[str, int]) -> list[tuple[str, str]]:
    """Rare categories, each with the frequent category at an edit distance of 1."""
    candidates = [
        category
        for category in categories
        if t.MISSPELLED_MIN_LETTERS <= len(category) <= _MAX_LENGTH and not re.search(r"\d", category)
    ]
    neighbors: dict[str, list[str]] = defaultdict(list)
    for category in candidates[:MAX_SEARCHED]:
        folded = _normalize_spelling(category)
        for form in {folded, *(folded[:i] + folded[i + 1 :] for i in range(1, len(folded)))}:
            neighbors[form].append(category)
    pairs: dict[str, str] = {}
    for group in neighbors.values():
        frequent = max(group, key=categories.__getitem__) if len(group) > 1 else ""
        for category in group if frequent else ():
            is_rare = categories[category] * t.MISSPELLED_RATIO <= categories[frequent]
            if is_rare and _is_misspelling(category, frequent):
                pairs.setdefault(category, frequent)
    return _without_systems(pairs)


def _without_systems(pairs: Mapping[str, str]) -> list[tuple[str, str]]:
    """The pairs without a change that comes again between other names: that is how the names are made."""
    changes = {rare: _change(*map(_normalize_spelling, (rare, frequent))) for rare, frequent in pairs.items()}
    names = Counter(change for change, _ in {(changes[rare], frequent) for rare, frequent in pairs.items()})
    return [pair for pair in pairs.items() if not changes[pair[0]] or names[changes[pair[0]]] < _SYSTEM]


def _change(rare: str, frequent: str) -> str:
    """The letters that differ, if one is another; empty otherwise."""
    if len(rare) != len(frequent):
        return ""
    differing = [a + b for a, b in zip(rare, frequent, strict=True) if a != b]
    return "".join(sorted(differing[0])) if len(differing) == 1 else ""


def _normalize_spelling(category: str) -> str:
    category = _HUMP.sub(" ", category)
    if category.isascii():
        return " ".join(re.sub(r"[\s_\-]+", " ", category.casefold()).split())
    letters = unicodedata.normalize("NFKD", category.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\s_\-\u2010-\u2015]+", " ", plain).split())


def _is_misspelling(category: str, other: str) -> bool:
    """Whether a word has one letter missing, added, changed or swapped, and is none that means something else."""
    rare, frequent = _normalize_spelling(category), _normalize_spelling(other)
    if rare == frequent or rare.rstrip("s") == frequent.rstrip("s"):
        return False
    words = _WORD.findall(rare), _WORD.findall(frequent)
    if len(words[0]) != len(words[1]):
        return False
    different = [pair for pair in zip(*words, strict=True) if pair[0] != pair[1]]
    return len(different) == 1 and _is_misspelled_word(*different[0])


def _is_misspelled_word(rare: str, frequent: str) -> bool:
    if min(len(rare), len(frequent)) < t.MISSPELLED_WORD_LETTERS or _means_something_else(rare, frequent):
        return False
    if len(rare) == len(frequent):
        differing = [i for i, (a, b) in enumerate(zip(rare, frequent, strict=True)) if a != b]
        swapped = (
            len(differing) == 2 and differing[1] == differing[0] + 1 and rare[differing[0]] == frequent[differing[1]]
        )
        # A changed last letter is often grammar or another name: Mario, Maria.
        return swapped or (len(differing) == 1 and 0 < differing[0] < len(rare) - 1)
    long, short = sorted((rare, frequent), key=len, reverse=True)
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(1, len(long) - 1))


def _means_something_else(rare: str, frequent: str) -> bool:
    if _ROMAN.fullmatch(rare) and _ROMAN.fullmatch(frequent):
        return True
    for endings in _ENDINGS:
        ends = [next((end for end in endings if word.endswith(end)), "") for word in (rare, frequent)]
        if all(ends) and ends[0] != ends[1] and rare.removesuffix(ends[0]) == frequent.removesuffix(ends[1]):
            return True
    for prefixes in _PREFIXES:
        starts = [next((start for start in prefixes if word.startswith(start)), "") for word in (rare, frequent)]
        if all(starts) and starts[0] != starts[1] and rare.removeprefix(starts[0]) == frequent.removeprefix(starts[1]):
            return True
    return False
