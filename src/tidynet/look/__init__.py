"""Table → Profile: plain numbers about every column and pair, and what deserves attention. Draws nothing."""

from tidynet.look.counts import Bars, Histogram, counted
from tidynet.look.look import look_at
from tidynet.look.pair_counts import count_pair
from tidynet.look.profile import ColumnProfile, Finding, PairCounts, PairProfile, Profile, TargetRelation

__all__ = [
    "Bars",
    "ColumnProfile",
    "Finding",
    "Histogram",
    "PairCounts",
    "PairProfile",
    "Profile",
    "TargetRelation",
    "count_pair",
    "counted",
    "look_at",
]
