"""Texts as numbers: the code points of a whole column in one array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass(frozen=True)
class CodePoints:
    """The code points of all texts, one text after the other; text i is `points[starts[i]:starts[i + 1]]`."""

    points: NDArray[np.uint32]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: pa.Array) -> CodePoints:
        """Of an Arrow array of strings; null counts as empty."""
        filled = pc.fill_null(texts, "")
        lengths = pc.utf8_length(filled).to_numpy(zero_copy_only=False)
        joined = pc.binary_join(pa.ListArray.from_arrays([0, len(filled)], filled), "")[0].as_py()
        points = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        return cls(points, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of characters of each text."""
        return np.diff(self.starts)
