"""A file, an included dataset or any data frame → Table: the rows, and the type of each variable."""

from tidynet.table.column_format import ColumnFormat
from tidynet.table.infer_types import TypeInference, VariableType, infer_type, infer_types
from tidynet.table.read import as_frame, chunks, read
from tidynet.table.table import Table
from tidynet.table.to_polars import refuse_infinities

__all__ = [
    "ColumnFormat",
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
