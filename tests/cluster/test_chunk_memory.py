"""What chunks say that they take is what the process grows by."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

GROWTH = """
    import gc, psutil
    import numpy as np
    from aquifer_cluster.chunk import ColumnType, encode

    def resident():
        gc.collect()
        return psutil.Process().memory_info().rss

    random = np.random.default_rng(1)
    def columns(rows):
        yield random.normal(size=rows)
        yield random.integers(0, 1000, rows) / 100
        yield np.where(random.random(rows) < 0.7, 0, random.integers(1, 256, rows)).astype(float)
        yield np.where(random.random(rows) < 0.98, 0, random.integers(1, 256, rows)).astype(float)
        yield random.choice(random.normal(size=50), rows)

    kept = [encode(values, ColumnType.NUMERIC) for values in columns({rows})]  # loads what is loaded once
    before = resident()
    kept = [encode(values, ColumnType.NUMERIC) for _ in range({blocks}) for values in columns({rows})]
    print(len(kept), sum(chunk.nbytes for chunk in kept), resident() - before)
"""


@pytest.mark.parametrize(("rows", "blocks"), [(65_536, 60), (12, 3000)], ids=["large", "tiny"])
def test_reported_bytes_are_the_growth_of_resident_memory(rows: int, blocks: int) -> None:
    code = textwrap.dedent(GROWTH.format(rows=rows, blocks=blocks))
    chunks, reported, grown = map(int, subprocess.check_output([sys.executable, "-c", code]).split())
    assert reported == pytest.approx(grown, rel=0.35)
    if rows < 100:
        assert grown / chunks < 300, "the objects around a tiny chunk are few"
