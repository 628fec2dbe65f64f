"""A file, a shipped table or any data frame → Table: the rows, and what kind of variable each column is."""

from tidynet.table.checks import refuse_infinities
from tidynet.table.kinds import Judgement, Kind, judge, judge_all
from tidynet.table.read import as_frame, chunks, read
from tidynet.table.table import Table

__all__ = [
    "Judgement",
    "Kind",
    "Table",
    "as_frame",
    "chunks",
    "judge",
    "judge_all",
    "read",
    "refuse_infinities",
]
