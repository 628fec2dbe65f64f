"""Table → Profile: plain numbers about every column and pair, and what deserves attention. Draws nothing."""

from tidynet.look.compare import TableComparison, compare
from tidynet.look.counts import Bars, Histogram, count_column
from tidynet.look.look import profile_table
from tidynet.look.pair_counts import count_pair
from tidynet.look.profile import ColumnProfile, Finding, PairCounts, PairProfile, Profile, TargetAssociation
from tidynet.look.shifts import DistributionShift

__all__ = [
    "Bars",
    "ColumnProfile",
    "DistributionShift",
    "Finding",
    "Histogram",
    "PairCounts",
    "PairProfile",
    "Profile",
    "TableComparison",
    "TargetAssociation",
    "compare",
    "count_column",
    "count_pair",
    "profile_table",
]
