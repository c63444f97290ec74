"""Bringing a frame here: as a pandas DataFrame, as text, as a file."""

from __future__ import annotations

import csv
import importlib.util
import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from h2o.job import H2OJob

if TYPE_CHECKING:
    from h2o._connection import Connection
    from h2o._expression import Expression

__all__ = ["FrameDownloads"]

ARROW = "application/vnd.apache.arrow.stream"
_PATH = "/3/DownloadDataset"


class FrameDownloads:
    """The ways of a frame out of the server; a part of :class:`h2o.H2OFrame`."""

    if TYPE_CHECKING:
        _expression: Expression

        @property
        def frame_id(self) -> str: ...

        @property
        def types(self) -> dict[str, str]: ...

    def as_data_frame(
        self, use_pandas: bool = True, header: bool = True, use_multi_thread: bool = False
    ) -> Any:
        """The whole frame here: a pandas DataFrame, or else rows of texts, the first being the names.

        The list comes with ``use_pandas=False`` or where pandas is not installed; ``header=False`` leaves the
        names out of it. With pyarrow installed the data comes in Arrow's format, many times faster than as
        CSV. The DataFrame is the same either way: categories become texts or, where all levels read as
        numbers, numbers; times are milliseconds. ``use_multi_thread`` is taken for H2O's sake, and makes no
        difference.
        """
        if not use_pandas or importlib.util.find_spec("pandas") is None:
            rows = list(csv.reader(io.StringIO(self.get_frame_data())))
            return rows if header else rows[1:]
        query: dict[str, Any] = {"frame_id": self.frame_id}
        if importlib.util.find_spec("pyarrow") is not None:
            query["format"] = "arrow"
        texts = [name for name, kind in self.types.items() if kind == "string"]
        return self._connection().download(_PATH, query, partial(_to_pandas, texts))

    def get_frame_data(self) -> str:
        """The whole frame as CSV text with a header line."""
        query = {"frame_id": self.frame_id, "hex_string": False, "escape_quotes": True}
        text: str = self._connection().download(_PATH, query, lambda _, body: body.read().decode())
        return text

    def download_csv(self, filename: str | Path) -> Path:
        """Write the whole frame to a CSV file on this machine; returns its path."""
        path = Path(filename).expanduser()
        query = {"frame_id": self.frame_id, "hex_string": False}
        self._connection().save(_PATH, query, path)
        return path

    def save(self, path: str | Path, force: bool = True) -> None:
        """Save the frame in the folder ``path`` of the server's machine, for `h2o.load_frame`.

        ``force`` replaces one that was saved there before.
        """
        connection = self._connection()
        form = {"dir": str(path), "force": force}
        answer = connection.call("POST /3/Frames/{}/save", self.frame_id, form=form)
        H2OJob(answer["job"], "Save frame data", connection).wait()

    def _connection(self) -> Connection:
        return self._expression.connection


def _to_pandas(texts: Sequence[str], content_type: str, body: IO[bytes]) -> Any:
    """A DataFrame of a frame in Arrow's format, or, H2O's servers not knowing of formats, of its CSV."""
    if content_type == ARROW:
        from h2o._arrow import to_pandas

        return to_pandas(body)
    import pandas

    kinds: dict[Any, Any] = dict.fromkeys(texts, str)
    return pandas.read_csv(body, dtype=kinds, low_memory=False, skip_blank_lines=False)
