"""Two-dimensional tables on the wire: typed columns, data column by column."""

from __future__ import annotations

from aquifer_algos.table import Cell, Table

from aquifer_server.schemas.base import Schema


class ColumnSpecsBase(Schema, schema_version=-1):
    """The heading of a column."""

    name: str
    type: str
    format: str
    description: str = ""


class TwoDimTableV3(Schema, schema_type="TwoDimTable"):
    """A table; an empty name of the first column marks it as row headers."""

    name: str
    description: str
    columns: list[ColumnSpecsBase]
    rowcount: int
    data: list[list[Cell]]


def table_v3(table: Table) -> TwoDimTableV3:
    """A table as the protocol sends it."""
    return TwoDimTableV3(
        name=table.name,
        description=table.description,
        columns=[
            ColumnSpecsBase(name=column.name, type=column.type, format=column.format)
            for column in table.columns
        ],
        rowcount=table.rowcount,
        data=[list(cells) for cells in table.data],
    )
