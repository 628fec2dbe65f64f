"""Ordered scales of words and labels, from which ordinal variables are inferred."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

MAX_ORDERED_CATEGORIES = 60

_MONTHS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mar apr may june july aug sept oct nov dec",
)

SCALES: tuple[tuple[str, ...], ...] = (
    *(tuple(months.split()) for months in _MONTHS),
    *(
        tuple(category.strip() for category in line.split("<"))
        for line in """
        very low < low < medium low < medium < medium high < high < very high
        very low < low < moderate < high < very high
        low < med < high
        low < mid < high
        low < middle < high
        low < average < high
        low < normal < high
        lower < middle < upper
        l < m < h
        none < low < medium < high
        none < some < many
        none < mild < moderate < severe
        none < slight < moderate < severe
        none < minor < moderate < major < severe
        none < some < marked
        tiny < small < medium < large < huge
        extra small < small < medium < large < extra large
        xxs < xs < s < m < l < xl < xxl < xxxl
        short < medium < long
        short < medium < tall
        none < small < big
        assistant professor < associate professor < professor
        asstprof < assocprof < prof
        bad < medium < good
        mon < tue < wed < thur < fri < sat < sun
        strongly disagree < disagree < neutral < agree < strongly agree
        strongly disagree < disagree < undecided < agree < strongly agree
        strongly disagree < somewhat disagree < neither agree nor disagree < somewhat agree < strongly agree
        strongly disagree < disagree < neither agree nor disagree < agree < strongly agree
        strongly disagree < disagree < no opinion < agree < strongly agree
        very dissatisfied < dissatisfied < neutral < satisfied < very satisfied
        very unsatisfied < unsatisfied < neutral < satisfied < very satisfied
        very unlikely < unlikely < neutral < likely < very likely
        not at all < slightly < somewhat < moderately < very < extremely
        not important < somewhat important < important < very important
        very unhappy < unhappy < neutral < happy < very happy
        not too happy < pretty happy < very happy
        never < almost never < rarely < seldom < sometimes < often < usually < almost always < always
        never < rarely < occasionally < frequently < always
        never < occasional < regular
        never < monthly < weekly < daily
        daily < weekly < monthly < quarterly < yearly
        very bad < bad < neutral < good < very good
        very bad < bad < average < good < very good
        bad < ok < good
        bad < fair < good
        very poor < poor < fair < average < good < very good < excellent
        terrible < poor < fair < good < excellent < outstanding
        poor < below average < average < above average < good < excellent
        fair < good < very good < premium < ideal
        po < fa < ta < gd < ex
        worse < same < better
        cold < cool < mild < warm < hot
        freezing < cold < cool < mild < warm < hot
        slow < medium < fast
        light < medium < dark
        light < moderate < heavy
        soft < medium < hard
        beginner < intermediate < advanced < expert
        novice < intermediate < expert
        junior < intermediate < senior
        primary < secondary < tertiary
        no schooling < primary < secondary < tertiary
        freshman < sophomore < junior < senior
        young < middle < old
        young < middle-aged < old
        child < teenager < adult < senior
        infant < child < adolescent < adult
        first < second < third < fourth < fifth < sixth < seventh < eighth < ninth < tenth
        one < two < three < four < five < six < seven < eight < nine < ten
        zero < one < two < three < four < five < six < seven < eight < nine < ten
        i < ii < iii < iv < v < vi < vii < viii < ix < x
        before < during < after
        before < after
        pre < post
        minor < moderate < major < critical
        mild < moderate < severe
        decreased < unchanged < increased
        monday < tuesday < wednesday < thursday < friday < saturday < sunday
        mon < tue < wed < thu < fri < sat < sun
        mon < tues < wed < thurs < fri < sat < sun
        q1 < q2 < q3 < q4
        too little < about right < too much
        i1 < si2 < si1 < vs2 < vs1 < vvs2 < vvs1 < if
        never < occas < regul < heavy
        none < some < freq
    """.strip().splitlines()
    ),
)
"""Known scales, lower-case, lowest first; a column may have any two or more categories of one scale."""

_NUMBER = r"[$€£]?(\d+(?:\.\d+)?)"
_UNIT = r"(?:\s*[a-z%/]+)*"
_RANGE = re.compile(rf"^{_NUMBER}\s*(?:-|–|—|to)\s*{_NUMBER}{_UNIT}$")
_BELOW = re.compile(rf"^(?:<|<=|≤|under|below|up to|less than)\s*{_NUMBER}{_UNIT}$")
_ABOVE = re.compile(rf"^(?:>|>=|≥|over|above|more than|at least)\s*{_NUMBER}{_UNIT}$")
_AND_MORE = re.compile(rf"^{_NUMBER}\s*(?:\+|and over|and above|or more|and older){_UNIT}$")
_ONE = re.compile(rf"^{_NUMBER}{_UNIT}$")
_INTERVAL = re.compile(r"^[\[(]\s*(-?\d+(?:\.\d+)?)\s*[,;]\s*-?\d+(?:\.\d+)?\s*[\])]$")
_NUMBERED = (
    re.compile(r"^(?:grade|stage|level|tier|phase|step|year)\s*(\d+)$"),
    re.compile(r"^(\d+)(?:st|nd|rd|th)(?:\s+[a-z]+)?$"),
    re.compile(r"^(\d+)\s*[-.:)=]\s*[^\d\s].*$"),
)
_NUMBER_BEFORE = re.compile(r"^\d+\s*[-.:)=]\s*")
# Such a category has no order, even with a number before it.
_UNORDERED = {"other", "others", "married", "divorced", "single", "widowed", "separated", "unknown"}


def order_categories(categories: list[str]) -> tuple[str, ...] | None:
    """The categories in order if a known scale, ranges or numbered labels give one."""
    folded = {_fold(category): category for category in categories}
    if not 2 <= len(categories) <= MAX_ORDERED_CATEGORIES or len(folded) < len(categories):
        return None
    if len(categories) == 2 and all(len(category) == 1 for category in folded):
        return None  # "m" and "s" may be medium and small, but also married and single
    if _only_numbered(list(folded)):
        return None
    for scale in SCALES:
        if set(folded) <= set(scale):
            return tuple(folded[category] for category in scale if category in folded)
    return _by_number(folded)


def _only_numbered(categories: list[str]) -> bool:
    """Whether numbers stand before labels that have no order, such as "1. Married"."""
    plain = {_NUMBER_BEFORE.sub("", category) for category in categories}
    return plain.isdisjoint(categories) and bool(plain & _UNORDERED)


def _fold(category: str) -> str:
    return " ".join(category.casefold().replace("_", " ").rstrip(".").split())


def _by_number(folded: dict[str, str]) -> tuple[str, ...] | None:
    """Order ranges ("18-34", "65+") or numbered labels ("2nd", "3 - good") by the number in each."""
    ranges = (_RANGE, _BELOW, _ABOVE, _AND_MORE)
    if any(_INTERVAL.match(text) or any(p.match(text.replace(",", "")) for p in ranges) for text in folded):
        return _by_key(folded, _range_key)
    orders = (_by_key(folded, _label_key(pattern)) for pattern in _NUMBERED)
    return next((order for order in orders if order), None)


def _by_key(folded: dict[str, str], key_of: Callable[[str], float | None]) -> tuple[str, ...] | None:
    keys = {text: key for text in folded if (key := key_of(text)) is not None}
    if len(keys) == len(folded) == len(set(keys.values())):
        return tuple(folded[text] for text in sorted(keys, key=keys.__getitem__))
    return None


def _range_key(text: str) -> float | None:
    if match := _INTERVAL.match(text):
        return float(match[1])
    plain = text.replace(",", "")
    if _BELOW.match(plain):
        return -math.inf
    if match := _ABOVE.match(plain):
        return math.nextafter(float(match[1]), math.inf)  # ">16" follows "16"
    for pattern in (_RANGE, _AND_MORE, _ONE):
        if match := pattern.match(plain):
            return float(match[1])
    return None


def _label_key(pattern: re.Pattern[str]) -> Callable[[str], float | None]:
    def key(text: str) -> float | None:
        match = pattern.match(text)
        return float(match[1]) if match else None

    return key
