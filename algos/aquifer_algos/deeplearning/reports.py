"""What a training says while it runs: its progress to the user, its iterations to the log."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from aquifer_algos.deeplearning.history import HistoryRow, Progress
from aquifer_algos.deeplearning.shard import ShareReport

_log = structlog.get_logger("aquifer.deeplearning")


def progress_message(progress: Progress, epochs: float, left: float | None, scored: HistoryRow) -> str:
    """One line: how far of `epochs`, how fast, the error when last scored, and the seconds left if known."""
    parts = [f"epochs {progress.epochs:.3g}/{epochs:g}", f"{progress.speed or 0:,.0f} rows/s"]
    parts += _error_shown(scored)
    if left is not None:
        parts.append(f"about {left:.0f} s left")
    return ", ".join(parts)


def log_iteration(
    progress: Progress, reports: Sequence[ShareReport], seconds: float, quiet: bool = False
) -> None:
    """One line in the log: who trained how many rows on how many threads; `quiet` ones are for debugging."""
    rows = [report.result.rows for report in reports]
    log = _log.debug if quiet else _log.info
    log(
        "iteration",
        iteration=progress.iterations,
        pids=[report.pid for report in reports],
        rows=rows,
        threads=[report.result.threads for report in reports],
        seconds=round(seconds, 4),
        rows_per_second=round(sum(rows) / max(seconds, 1e-9)),
        epochs=round(progress.epochs, 4),
    )


def log_kernel_share(kernel_seconds: float, threads: int, seconds: float) -> None:
    """One line in the log: how much of a job's time, on so many threads, was spent training rows."""
    share = kernel_seconds / max(threads * seconds, 1e-9)
    _log.info("trained", seconds=round(seconds, 4), threads=threads, kernel_share=round(share, 3))


def _error_shown(row: HistoryRow) -> list[str]:
    numbers = row.decisive
    if numbers is None:
        return []
    kind = "training" if row.validation is None else "validation"
    if "err" in numbers:
        return [f"{kind} error {numbers['err']:.3f}"]
    return [f"{kind} RMSE {numbers['rmse']:.4g}"]
