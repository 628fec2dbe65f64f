"""Table → Profile: plain numbers about every column and pair, and what deserves attention. Draws nothing."""

from tidynet.look.compare import Comparison, compare
from tidynet.look.counts import Bars, Histogram, counted
from tidynet.look.look import look_at
from tidynet.look.pair_counts import count_pair
from tidynet.look.profile import ColumnProfile, Finding, PairCounts, PairProfile, Profile, TargetRelation
from tidynet.look.shifts import Shift

__all__ = [
    "Bars",
    "ColumnProfile",
    "Comparison",
    "Finding",
    "Histogram",
    "PairCounts",
    "PairProfile",
    "Profile",
    "Shift",
    "TargetRelation",
    "compare",
    "count_pair",
    "counted",
    "look_at",
]
