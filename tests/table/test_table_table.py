"""Table: columns, rows, and representation."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tidynet.core.errors import InputError
from tidynet.table import Table, read


@pytest.fixture
def table() -> Table:
    return read({"key": [f"k{i}" for i in range(12)], "n": [1, None, *range(3, 13)], "side": ["l", "r"] * 6})


def test_columns_are_taken_by_name(table: Table) -> None:
    assert table["n"].sum() == 76
    assert table.columns == ["key", "n", "side"]
    assert "n" in table
    assert len(table) == table.height == 12
    assert table.missing == {"key": 0, "n": 1, "side": 0}


@pytest.mark.parametrize("use", [lambda t: t["sde"], lambda t: t.drop("sde"), lambda t: t.select("n", "sde")])
def test_an_unknown_column_suggests_a_similar_one(table: Table, use: object) -> None:
    with pytest.raises(InputError) as error:
        use(table)  # type: ignore[operator]
    assert str(error.value) == "there is no column 'sde' among 'key', 'n', 'side'; did you mean 'side'?"
    with pytest.raises(InputError) as far:
        table["zzzzz"]
    assert str(far.value) == (
        "there is no column 'zzzzz' among 'key', 'n', 'side'; give the name of one of these columns"
    )


def test_drop_and_select_keep_the_types(table: Table) -> None:
    dropped = table.drop("key", target="n")
    assert dropped.columns == list(dropped.inferred_types) == ["side"]
    assert table.select("side", "key").columns == ["side", "key"]


def test_taken_rows_keep_order_and_types(table: Table) -> None:
    taken = table.take([3, 0, 3])
    assert taken["key"].to_list() == ["k3", "k0", "k3"]
    assert taken.inferred_types == table.inferred_types
    assert table.take([]).height == 0


def test_other_libraries_can_take_the_rows(table: Table) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    assert table.to_arrow().num_rows == 12
    assert_frame_equal(pl.DataFrame(table), table.frame)
    pytest.importorskip("pandas", reason="pandas is not installed")
    assert list(table.to_pandas().columns) == table.columns


def test_repr_shows_shape_types_and_reasons(table: Table) -> None:
    assert repr(table) == (
        "Table 'table': 12 rows × 3 columns\n"
        "  key   identifier  codes unique in each row\n"
        "  n     discrete    whole numbers from 1 to 12; 1 missing\n"
        "  side  nominal     2 categories without an order"
    )


def test_html_escapes_what_users_wrote() -> None:
    nasty = read({"<script>alert(1)</script>": ["<b>", "'\"&", None]})._repr_html_()
    assert "<script>" not in nasty
    assert "<b>" not in nasty
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in nasty
    assert ">&lt;b&gt;</td>" in nasty
    assert "></td>" in nasty
