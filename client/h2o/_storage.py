"""Frames as files: written by the server to its own disk or another store, and read back; written here."""

from __future__ import annotations

from pathlib import Path

from h2o._connection import current
from h2o._expression import Expression
from h2o.exceptions import H2OValueError
from h2o.frame import H2OFrame
from h2o.job import H2OJob

__all__ = ["download_csv", "export_file", "load_frame"]


def export_file(
    frame: H2OFrame,
    path: str | Path,
    force: bool = False,
    sep: str = ",",
    compression: str | None = None,
    parts: int = 1,
    header: bool = True,
    quote_header: bool = True,
    parallel: bool = False,
    format: str = "csv",
    write_checksum: bool = True,
    tz_adjust_from_local: bool = False,
) -> None:
    """Write a frame to ``path`` on the machine of the *server*; for a file here see `download_csv`.

    ``compression``: gzip, bzip2, zstd or snappy; None goes by the ending of ``path``. ``parts``: the most
    files to write into the folder ``path``, −1 for as many as suits. ``format``: csv or parquet, which goes
    into a folder of parts unless ``path`` ends in ``.parquet``. ``force`` replaces a file. ``parallel``,
    ``write_checksum`` and ``tz_adjust_from_local`` are passed on.
    """
    if len(sep) != 1:
        raise H2OValueError(f"sep is a single character, not {sep!r}")
    form = {
        "path": str(path),
        "num_parts": parts,
        "force": force,
        "compression": compression,
        "separator": ord(sep),
        "header": header,
        "quote_header": quote_header,
        "parallel": parallel,
        "format": format,
        "write_checksum": write_checksum,
        "tz_adjust_from_local": tz_adjust_from_local,
    }
    connection = frame._expression.connection
    answer = connection.call("POST /3/Frames/{}/export", frame.frame_id, form=form)
    H2OJob(answer["job"], "Export File", connection).wait()


def load_frame(frame_id: str, path: str | Path, force: bool = True) -> H2OFrame:
    """The frame that was saved under ``frame_id`` in the folder ``path`` by ``H2OFrame.save``.

    Without ``force``, a frame of that key that the server holds is not replaced.
    """
    connection = current()
    form = {"frame_id": frame_id, "dir": str(path), "force": force}
    answer = connection.call("POST /3/Frames/load", form=form)
    H2OJob(answer["job"], "Load frame data", connection).wait()
    return H2OFrame._of(Expression.of_key(frame_id, connection))


def download_csv(data: H2OFrame, filename: str | Path) -> Path:
    """Write a frame to a CSV file on this machine; returns its path."""
    return data.download_csv(filename)
