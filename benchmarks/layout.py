"""How fast training matrices are laid out, in bytes of decoded data (8 per cell) per second of processor.

    python benchmarks/layout.py [--repeats 3] [--cells numbers,categories,mixed,wide]

lays out, on one thread, MNIST's digits, the categorical columns of allyears2k repeated, both kinds of columns
of allyears2k repeated, and a category of 100,000 levels (data in AQUIFER_TEST_DATA, default ../shared/data).
Each cell is laid out as a training would have it, and the bytes of its matrix are told.
"""

from __future__ import annotations

import argparse
import os
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from aquifer_algos.builder import Inputs
from aquifer_algos.deeplearning.layout import lay_out, take_matrix
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.preparation import prepare
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud, form_cloud
from aquifer_cluster.frame import Frame, even_layout

DATA = Path(os.environ.get("AQUIFER_TEST_DATA", "../shared/data"))
CATEGORIES = ("Year", "Month", "DayOfWeek", "UniqueCarrier", "Origin", "Dest", "FlightNum", "Cancelled")
NUMBERS = ("CRSDepTime", "CRSArrTime", "CRSElapsedTime", "Distance", "DepTime", "ArrTime")
LEVELS = 100_000


@dataclass(frozen=True)
class Cell:
    """A table and its response."""

    table: Callable[[], pd.DataFrame]
    response: str


def mnist() -> pd.DataFrame:
    table = pd.read_csv(DATA / "mnist_test.csv.gz", header=None, dtype=np.float64)
    return table.rename(columns=str)


def flights() -> pd.DataFrame:
    with zipfile.ZipFile(DATA / "allyears2k_headers.zip") as archive:
        table = pd.read_csv(archive.open(archive.namelist()[0]), encoding="latin-1")
    for name in (*CATEGORIES, "IsDepDelayed"):
        table[name] = table[name].astype("category")
    return pd.concat([table] * 10, ignore_index=True)


def wide() -> pd.DataFrame:
    random = np.random.default_rng(1)
    codes = random.integers(0, LEVELS, 5 * LEVELS)
    level = pd.Categorical.from_codes(codes, [f"level{n}" for n in range(LEVELS)])
    return pd.DataFrame({"level": level, "size": random.normal(size=len(codes)), "y": codes % 7 + 0.5})


CELLS = {
    "numbers": Cell(mnist, "784"),
    "categories": Cell(lambda: flights()[[*CATEGORIES, "IsDepDelayed"]], "IsDepDelayed"),
    "mixed": Cell(lambda: flights()[[*CATEGORIES, *NUMBERS, "IsDepDelayed"]], "IsDepDelayed"),
    "wide": Cell(wide, "y"),
}


def main() -> None:
    options = _options()
    print(f"{'cell':12}{'rows':>10}{'inputs':>9}{'matrix':>8}{'MB':>8}{'matrix MB':>11}{'MB/s':>8}")
    cloud = form_cloud("layout", threads=1, memory=8 << 30)
    for name in options.cells.split(","):
        cell = CELLS[name]
        frame = upload(cloud, cell.table())
        parameters = DeepLearningParameters(response_column=cell.response, hidden=(1,))
        prepared = prepare(cloud, parameters, Inputs(frame, None, {}))
        adapted, decoded = prepared.training, 8 * frame.rows * len(prepared.data.predictors)
        seconds = []
        for _ in range(options.repeats):
            with cloud.workspace() as job:
                begun = time.process_time()
                lay_out(cloud, job, adapted.frame, adapted.reader, 1.0, prepared.wish)
                (matrix,) = cloud.run(job, _taken)
                seconds.append(time.process_time() - begun)
        kind = "sparse" if prepared.data.sparse else "dense"
        print(
            f"{name:12}{frame.rows:>10,}{prepared.data.inputs:>9,}{kind:>8}{decoded / 1e6:>8.0f}"
            f"{matrix.nbytes / 1e6:>11.0f}{decoded / 1e6 / min(seconds):>8.0f}"
        )
    cloud.close()


def upload(cloud: Cloud, table: pd.DataFrame) -> Frame:
    """A frame of numbers and categories."""
    layout = even_layout(len(table), cloud.size, 1)
    columns = [_decoded(table[name]) for name in table.columns]
    written = cloud.new_columns([type for _, type, _ in columns])
    statistics = []
    for block, owner in enumerate(layout.owners):
        start = int(layout.starts[block])
        pieces = [values[start : start + layout.block_rows[block]] for values, _, _ in columns]
        statistics.append(cloud.write(written, block, owner, _unremarked, pieces).result()[0])
    made = cloud.make_columns(written, statistics, layout, [domain for _, _, domain in columns])
    return Frame(tuple(table.columns), tuple(made), layout)


def _decoded(column: pd.Series) -> tuple[np.ndarray[Any, Any], ColumnType, tuple[str, ...] | None]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy().astype(np.int32)
        return codes, ColumnType.ENUM, tuple(str(level) for level in column.cat.categories)
    return column.to_numpy(np.float64), ColumnType.NUMERIC, None


def _taken(workspace: Any, blocks: Any) -> Any:
    return take_matrix(workspace)


def _unremarked(values: Any) -> tuple[Any, None]:
    return values, None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cells", default=",".join(CELLS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
