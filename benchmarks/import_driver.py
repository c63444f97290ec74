"""Imports files for `frames.py` with the official client, in the environment that has it.

Each line on stdin (a path) is answered with a line on stdout: what importing that file took.
"""

from __future__ import annotations

import json
import os
import sys
import time


def drive(url: str) -> None:
    """Answer until stdin ends."""
    import h2o
    from h2o.utils.progressbar import ProgressBar

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the client prints is not an answer
    ProgressBar.MAX_PROGRESS_CHECK_INTERVAL = 0.1  # long waits would blur the times
    h2o.connect(url=url, strict_version_check=False, verbose=False)
    h2o.no_progress()
    for line in sys.stdin:
        begun = time.perf_counter()
        frame = h2o.import_file(line.strip())
        seconds = time.perf_counter() - begun
        answer = h2o.api(f"GET /3/Frames/{frame.frame_id}", data={"row_count": 1, "column_count": 1})
        result = {"seconds": seconds, "bytes": answer["frames"][0]["byte_size"], "rows": frame.nrow}
        h2o.remove(frame)
        print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    drive(sys.argv[1])
