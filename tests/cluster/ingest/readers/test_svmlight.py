"""SVMLight against scikit-learn's reader."""

from __future__ import annotations

import gzip
import io
from typing import Any

import numpy as np
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from sklearn.datasets import dump_svmlight_file, load_svmlight_file


def sparse_text(rows: int, columns: int, **options: Any) -> bytes:
    generator = np.random.default_rng(7)
    matrix = generator.normal(size=(rows, columns)).round(3)
    matrix[generator.random(matrix.shape) < 0.7] = 0
    target = generator.choice([-1, 1], rows)
    sink = io.BytesIO()
    dump_svmlight_file(matrix, target, sink, zero_based=False, **options)
    return sink.getvalue()


def check(cloud: Cloud, parse_bytes: Any, content: bytes) -> None:
    frame, job = parse_bytes(cloud, content)
    matrix, target = load_svmlight_file(io.BytesIO(content), zero_based=False)[:2]
    found = np.stack(cloud.read(frame))
    np.testing.assert_array_equal(found, np.vstack([target, matrix.toarray().T]))
    assert frame.names == tuple(f"C{i + 1}" for i in range(len(found)))
    assert not job.warnings


def test_rows_are_read(cloud: Cloud, parse_bytes: Any) -> None:
    check(cloud, parse_bytes, sparse_text(500, 40))


def test_comments_and_queries_are_read_over(embedded: Cloud, parse_bytes: Any) -> None:
    check(embedded, parse_bytes, sparse_text(20, 5, comment="made\nfor 9:9 a test", query_id=np.arange(20)))


def test_compressed(embedded: Cloud, parse_bytes: Any) -> None:
    frame, _ = parse_bytes(embedded, gzip.compress(b"1 1:2 3:4\n-1 2:1e3\n"))
    assert [values.tolist() for values in embedded.read(frame)] == [[1, -1], [2, 0], [0, 1000], [4, 0]]


def test_a_higher_index_far_below_is_a_column(embedded: Cloud, parse_bytes: Any) -> None:
    frame, _ = parse_bytes(embedded, b"1 1:1\n" * 5000 + b"1 12:7\n", b"1 20:1\n")
    assert len(frame.names) == 21


def test_many_columns_become_blocks_of_few_rows(
    embedded: Cloud, parse_bytes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aquifer_cluster.ingest.readers.svmlight.MAX_CELLS", 100)
    content = b"".join(b"%d 9:%d\n" % (i, i) for i in range(95))
    frame, _ = parse_bytes(embedded, content)
    assert frame.layout.block_rows == (10,) * 9 + (5,)
    assert embedded.read(frame)[9].tolist() == list(range(95))


@pytest.mark.parametrize("word", ["x:1", "0:1", "3:y", "7", "1:2:3"])
def test_what_is_no_pair_is_left_out_with_a_warning(embedded: Cloud, parse_bytes: Any, word: str) -> None:
    content = f"1 1:1 2:2\n\n-1 {word} 2:3\n".encode()
    frame, job = parse_bytes(embedded, content, parse_type="SVMLight")
    assert [values.tolist() for values in embedded.read(frame)][:3] == [[1, -1], [1, 0], [2, 3]]
    assert f"line 3: '{word}' is not index:value" in job.warnings[0]


def test_too_many_columns_are_refused(embedded: Cloud, parse_bytes: Any) -> None:
    with pytest.raises(ParseFailure, match="2,000,000,000 asks for as many columns"):
        parse_bytes(embedded, b"1 1:1\n1 2000000000:1\n", parse_type="SVMLight")


def test_other_types_are_refused(embedded: Cloud, parse_bytes: Any) -> None:
    with pytest.raises(InvalidArgument, match="numeric"):
        parse_bytes(embedded, b"1 1:1\n", column_types=(ColumnType.ENUM, ColumnType.NUMERIC))


def test_columns_can_be_skipped_and_named(embedded: Cloud, parse_bytes: Any) -> None:
    frame, _ = parse_bytes(embedded, b"1 1:5 2:6\n", column_names=("y", "a", "b"), skipped_columns=(1,))
    assert frame.names == ("y", "b")
    assert [values.tolist() for values in embedded.read(frame)] == [[1], [6]]


@pytest.mark.parametrize("text", [b"time\n1 10:30\n", b"1 a:2\n", b"a,b\n1,2\n", b"1\n2\n"])
def test_other_text_is_not_taken_for_it(embedded: Cloud, parse_bytes: Any, text: bytes) -> None:
    frame, _ = parse_bytes(embedded, text)
    assert len(frame.names) <= 2
