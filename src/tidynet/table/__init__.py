"""A file, a shipped table or any data frame → Table: the rows, and what kind of variable each column is."""

from tidynet.table.finite_check import refuse_infinities
from tidynet.table.infer_types import TypeInference, VariableType, infer_type, infer_types
from tidynet.table.read import as_frame, chunks, read
from tidynet.table.table import Table

__all__ = [
    "Table",
    "TypeInference",
    "VariableType",
    "as_frame",
    "chunks",
    "infer_type",
    "infer_types",
    "read",
    "refuse_infinities",
]
