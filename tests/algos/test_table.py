"""The typed table in which metrics and histories are reported."""

import math

import numpy as np
import pytest
from aquifer_algos.table import Table, TableColumn, as_cells

COLUMNS = (TableColumn("k", "string", "%s"), TableColumn("hit_ratio", "float", "%f"))


def test_a_table_gives_its_cells_by_column_and_by_row():
    table = Table("Hit Ratios", "", COLUMNS, (("1", "2"), (0.5, None)))
    assert table.rowcount == 2
    assert table.column("hit_ratio") == (0.5, None)
    assert list(table.rows()) == [("1", 0.5), ("2", None)]


def test_an_unknown_column_is_named_with_those_that_exist():
    with pytest.raises(KeyError, match=r"'error'.*k, hit_ratio"):
        Table("Hit Ratios", "", COLUMNS, ((), ())).column("error")


@pytest.mark.parametrize(
    ("data", "message"),
    [((("1",),), "declares 2 columns but holds 1"), ((("1", "2"), (0.5,)), r"differ in length.*'k': 2")],
)
def test_a_table_whose_parts_do_not_fit_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        Table("Hit Ratios", "", COLUMNS, data)


def test_arrays_become_plain_values():
    cells = as_cells(np.array([1, 2])) + as_cells(np.array([0.1, math.nan])) + as_cells(["a", None])
    assert [type(cell) for cell in cells] == [int, int, float, float, str, type(None)]
