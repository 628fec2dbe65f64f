"""Words and labels that stand in an order: the visible table behind ordinal columns."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

__all__ = ["SCALES", "order_categories"]

_MONTHS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mar apr may june july aug sept oct nov dec",
)

SCALES: tuple[tuple[str, ...], ...] = (
    *(tuple(months.split()) for months in _MONTHS),
    *(
        tuple(level.strip() for level in line.split("<"))
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
"""Known scales, lower-case, lowest first. A column may use any two or more levels of one scale."""

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
# A level such as "other" stands in no order, whatever number is written before it.
_UNORDERED = {"other", "others", "married", "divorced", "single", "widowed", "separated", "unknown"}


def order_categories(levels: list[str]) -> tuple[str, ...] | None:
    """The levels in their order if a known scale, ranges or numbered labels give one.

    >>> order_levels(["High", "Low", "Medium"])
    ('Low', 'Medium', 'High')
    >>> order_levels(["35-44", "65+", "18-34"])
    ('18-34', '35-44', '65+')
    >>> order_levels(["red", "blue"]) is None
    True
    """
    folded = {_fold(level): level for level in levels}
    if not 2 <= len(levels) <= 60 or len(folded) < len(levels):
        return None
    if len(levels) == 2 and all(len(level) == 1 for level in folded):
        return None  # "m" and "s" may be medium and small, but also married and single
    if _only_numbered(list(folded)):
        return None
    for scale in SCALES:
        if set(folded) <= set(scale):
            return tuple(folded[level] for level in scale if level in folded)
    return _by_number(folded)


def _only_numbered(levels: list[str]) -> bool:
    """Whether numbers merely stand before labels that have no order, such as "1. Married"."""
    plain = {_NUMBER_BEFORE.sub("", level) for level in levels}
    return plain.isdisjoint(levels) and bool(plain & _UNORDERED)


def _fold(level: str) -> str:
    return " ".join(level.casefold().replace("_", " ").rstrip(".").split())


def _by_number(folded: dict[str, str]) -> tuple[str, ...] | None:
    """Order ranges ("18-34", "65+") or numbered labels ("2nd", "3 - good") by the number in each."""
    ranges = (_RANGE, _BELOW, _ABOVE, _AND_MORE)
    if any(_INTERVAL.match(level) or any(p.match(level.replace(",", "")) for p in ranges) for level in folded):
        return _by_key(folded, _range_key)
    orders = (_by_key(folded, _label_key(pattern)) for pattern in _NUMBERED)
    return next((order for order in orders if order), None)


def _by_key(folded: dict[str, str], key_of: Callable[[str], float | None]) -> tuple[str, ...] | None:
    keys = {level: key for level in folded if (key := key_of(level)) is not None}
    if len(keys) == len(folded) == len(set(keys.values())):
        return tuple(folded[level] for level in sorted(keys, key=keys.__getitem__))
    return None


def _range_key(level: str) -> float | None:
    if result := _INTERVAL.match(level):
        return float(result[1])
    plain = level.replace(",", "")
    if _BELOW.match(plain):
        return -math.inf
    if result := _ABOVE.match(plain):
        return math.nextafter(float(result[1]), math.inf)  # ">16" comes after "16"
    for pattern in (_RANGE, _AND_MORE, _ONE):
        if result := pattern.match(plain):
            return float(result[1])
    return None


def _label_key(pattern: re.Pattern[str]) -> Callable[[str], float | None]:
    def key(level: str) -> float | None:
        result = pattern.match(level)
        return float(result[1]) if result else None

    return key
