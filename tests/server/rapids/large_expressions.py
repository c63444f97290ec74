"""Evaluate expressions, one on each line of the standard input (as JSON), in a cloud of little memory.

Each is answered by a line of JSON: what came of it, and by how many MB the most memory that this process has
ever taken is above what it took before the first.
"""

from __future__ import annotations

import json
import resource
import sys

from aquifer_cluster.cloud import form_cloud
from aquifer_cluster.errors import AquiferError
from aquifer_cluster.store import Store
from aquifer_server.rapids.interpreter import Interpreter

MEMORY = 64 << 20
PREPARED = (
    "(assign long (seq_len 20000))",
    "(assign wide (t (seq_len 20000)))",
    "(cut long 3 [] True True 3)",
)


def peak() -> int:
    """The most memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)


def evaluated(interpreter: Interpreter, text: str) -> str:
    """What an expression gives, in a word, or why it is refused."""
    try:
        return type(interpreter.evaluate(text)).__name__
    except AquiferError as refused:
        return f"{type(refused).__name__}: {refused}"


def main() -> None:
    """Answer what comes in."""
    interpreter = Interpreter(form_cloud("large", memory=MEMORY), Store())
    for text in PREPARED:
        interpreter.evaluate(text)
    before = peak()
    for line in sys.stdin:
        print(json.dumps([evaluated(interpreter, json.loads(line)), peak() - before]), flush=True)


if __name__ == "__main__":
    main()
