"""Any expression is answered or refused, in words that name the culprit; a refused one changes nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aquifer_cluster.errors import MemoryExceeded
from aquifer_server.rapids.errors import LookupFailed, RapidsError, WrongArgument
from aquifer_server.rapids.interpreter import FrameResult
from aquifer_server.rapids.primitives import PRIMITIVES
from hypothesis import given
from hypothesis import strategies as some

Rapids = Any

FRAMES = "fdwcuabos"
FRAME = """f | d | w | c | u | a | b | o | s | empty | single | (cols_py f []) | (rows d [0:3])
    (rows w [7 0 0]) | (cols_py f ['n' 'r']) | (cols_py d [0:3]) | (cols_py f ['e' 'g'])
    (cols_py empty ['n' 'e']) | nope"""
COLUMN = """(cols_py f 'n') | (cols_py f 'e') | (cols_py f 's') | (cols_py f 't') | (cols_py f 'm')
    (cols d 3) | (cols_py d 'y') | (cols_py w 's') | (cols_py w 'e') | (cols_py c 't')
    (cols_py c 'x') | (cols_py u 'u') | (cols_py empty 'n') | (cols_py empty 's') | (cols_py f 'g')
    single | (cols_py f [0 0])"""
NUMBER = (
    "0 | 1 | -1 | 2 | 3 | 7 | nan | 2.5 | -0.5 | 1e300 | -1e18 | 9007199254740993 | 1e-320 | 65536 | 1234567"
)
NUMBERS = (
    "[] | [0] | [0 2] | [-1] | [1:2] | [0:nan] | [0:2:2] | [nan] | [1e300] | [0.5 0.25] | [1 -1] | [3 0 0 3]"
)
STRING = r"""'a' | '' | 'n' | 'e' | 'k' | 'zz' | 'mean' | 'all' | 'rm' | 'low' | 'interpolate' | 'l2' | 'lv'
    'first' | 'mode' | 'median' | 'forward' | 'numeric' | 'complete.obs' | 'Spearman'
    'everything' | 'auto' | '%Y-%m-%d' | '[' | '(a+)+$' | '.*' | '\\' | '\x00' | '\u00c4'
    '\U0001f600' | '\n' | '"' | '%' | '$1' | '\\1' | 'UTC' | 'Europe/Berlin' | 'sturges' | 'left'"""
STRINGS = r"['a' 'b'] | ['n' 'e'] | ['a' 'a'] | [''] | ['\u00c4' '\x00' 'a'] | ['x' 'k']"
FUNCTION = """{ x . x } | { x . (sum x) } | { x . (+ x 1) } | { x y . (- x y) } | { . 1 } | { x . (nope x) }
    mean | { x . (apply x 1 { y . y }) } | { f . (cols_py f 0) } | abs | sumNA | { x . 'a' }
    { x . (rm 'f') }"""
KEY = "k | f | 'f' | made | nope | 'a b' | '' | x"
FLAG = "True | False"

GROUPS = {
    "a Frame": FRAME,
    "a single column": COLUMN,
    "a number": NUMBER,
    "a whole number": NUMBER,
    "a string": STRING,
    "a string or the name of a function": f"{STRING} | mean | sum | nrow | sumNA",
    "strings": f"{STRING} | {STRINGS}",
    "numbers": f"{NUMBER} | {NUMBERS}",
    "True or False": FLAG,
    "a Frame, a number or a string": f"{COLUMN} | {NUMBER} | {STRING} | {FRAME}",
    "a Frame or a number": f"{COLUMN} | {NUMBER} | {FRAME}",
    "columns by name or number": f"{NUMBERS} | {STRINGS} | 0 | 1 | 'n' | 'e'",
    "columns by name or number, or []": f"{NUMBERS} | {STRINGS} | 0 | 1 | 'n' | 'e'",
    "rows by number or a mask": f"{NUMBERS} | {COLUMN} | 0 | 1 | (> (cols_py f 'n') 0)",
    "a key": KEY,
    "a whole number or []": f"{NUMBER} | []",
    "a number or []": f"{NUMBER} | []",
    "a string or []": f"{STRING} | []",
    "strings or numbers": f"{STRINGS} | {NUMBERS}",
    "_": "_ | '_' | 'a'",
    "a function": FUNCTION,
    "True, False or numbers": f"{FLAG} | {NUMBERS}",
    "numbers or a rule": f"{NUMBERS} | {STRING} | {NUMBER}",
    "a Frame or _": f"_ | '_' | {FRAME}",
    "numbers or _": f"_ | '_' | {NUMBERS}",
}
"""For each kind of argument what may be given for it, most of it fitting."""


def _atoms(kind: str) -> list[str]:
    return [atom.strip() for line in GROUPS[kind].splitlines() for atom in line.split(" | ")]


ATOMS = {kind: some.sampled_from(_atoms(kind)) for kind in GROUPS}
ANYTHING = some.sampled_from(sorted({atom for kind in GROUPS for atom in _atoms(kind)}))
OPERATIONS = some.sampled_from([primitive for _, primitive in sorted(PRIMITIVES.items())])


@some.composite
def calls(draw: some.DrawFn, depth: int = 3) -> str:
    """A call of any primitive: its arguments mostly of their kinds, or calls themselves, or anything."""
    primitive = draw(OPERATIONS)
    count = draw(some.sampled_from([count for count in range(10) if primitive.takes(count)]))
    arguments = []
    for slot in primitive.slots(count):
        way = draw(some.integers(0, 9))
        if way < 3 and depth and "Frame" in slot.kind.name + "Frame" * (way == 0):
            arguments.append(draw(calls(depth - 1)))
        else:
            arguments.append(draw(ANYTHING if way == 3 else ATOMS[slot.kind.name]))
    return f"({' '.join([primitive.name, *arguments])})"


def test_there_is_something_to_give_for_every_kind_of_argument() -> None:
    assert {slot.kind.name for primitive in PRIMITIVES.values() for slot in primitive.arguments} <= set(
        GROUPS
    )


def restore(rapids: Rapids) -> None:
    """The store as every expression finds it."""
    rapids.store.clear((object,))
    rapids.restore(FRAMES)
    rapids.store.put("empty", rapids.frame("(rows f [0:0])"))
    rapids.store.put("single", rapids.frame("(rows (cols_py f 'n') [0])"))
    rapids.interpreter.time_zone.name = "UTC"


def contents(rapids: Rapids) -> dict[str, Any]:
    """All that an expression might change."""
    return {
        "values": dict(rapids.store.items(object)),
        "temporaries": rapids.store.sessions(),
        "time zone": rapids.interpreter.time_zone.name,
    }


def check(rapids: Rapids, text: str) -> None:
    """An expression gives something whole, or is refused and changes nothing."""
    before = contents(rapids)
    try:
        result = rapids(text)
    except (RapidsError, MemoryExceeded) as refused:
        assert contents(rapids) == before, "a refused expression changed something"
        assert_named(text, refused)
        return
    if isinstance(result, FrameResult):
        columns = rapids.cloud.read(result.frame)
        assert len(columns) == len(result.frame.names)
        assert {len(values) for values in columns} <= {result.frame.rows}
    if contents(rapids) != before:
        restore(rapids)


def assert_named(text: str, refused: Exception) -> None:
    """The message says which operation or name is at fault."""
    if isinstance(refused, WrongArgument) and refused.operation:
        assert refused.operation in text
        assert refused.operation in str(refused)
    elif isinstance(refused, LookupFailed):
        assert f"'{refused.name}'" in str(refused)
    elif isinstance(refused, WrongArgument):
        called = re.search(r": (.+?)…?$", str(refused))
        assert called
        assert called[1] in text
    elif isinstance(refused, RapidsError):
        assert any(name in str(refused) for name in PRIMITIVES if name in text), str(refused)


@pytest.mark.fuzz
def test_any_expression_is_answered_or_refused(embedded_rapids: Rapids, fuzzed: Callable[[int], Any]) -> None:
    restore(embedded_rapids)

    @fuzzed(1000)
    @given(calls())
    def any_expression(text: str) -> None:
        check(embedded_rapids, text)

    any_expression()


FOUND = (
    "(:= u single 0 (cols_py f 'n'))",
    "(:= u 'a' 0 (cols_py f 'n'))",
    "(GB d [])",
    "(GB w [] sum 0 'all')",
    "(var (+ d 1e300) (* d 1e300))",
    "(cut (cols_py f 'n') 9007199254740993)",
    "(rep_len (cols_py f 'n') 1234567)",
    "(h2o.impute u 1 'median' 'low' [0] u [-1])",
    "(h2o.impute u 1 'median' 'low' [0] _ [-1])",
    "(seq 1e-320 1e300 1e-320)",
    "(rep_len (cols_py f 's') 70000)",
    "(rep_len (cols_py empty 'n') 0)",
    "(+ (rm f) (nope 1))",
    "(+ (rename f made) (nope 1))",
    "(paste (setTimeZone 'Europe/Berlin') (nope 1))",
    "(cols_py f [])",
    "(f 1)",
    "({ x . x } 1 2)",
    "(kurtosis a True)",
    "(ddply empty [] { x . x })",
)
"""What was once answered wrongly, or not in time."""


@pytest.mark.parametrize("text", FOUND)
def test_what_was_found_stays_mended(embedded_rapids: Rapids, text: str) -> None:
    restore(embedded_rapids)
    check(embedded_rapids, text)


def test_a_column_is_repeated_from_its_first_row_on(rapids: Rapids) -> None:
    for column, given_ in (
        ("n", [3, -5, 0, 2]),
        ("s", ["foo", "bar", "a", None]),
        ("e", ["a", "b", "a", None]),
    ):
        repeated = rapids.frame(f"(rep_len (cols_py f '{column}') 10)")
        assert rapids.rows(repeated) == [[value] for value in (given_ * 3)[:10]]


LARGE: dict[str, str] = {
    "(seq_len 1000000000)": "needs about",
    "(seq 0 1e15 1)": "needs about",
    "(rep_len 7 1000000000)": "needs about",
    "(rep_len (rows long [0]) 1e15)": "needs about",
    "(rep_len wide 1e9)": "columns",
    "(rep_len (cols_py wide [0 1]) 1e9)": "columns",
    "(x long (t long))": "needs about",
    "(distance long long 'l2')": "needs about",
    "(table long long False)": "columns",
    "(pivot (cbind long long long) 0 1 2)": "columns",
    "(merge (cbind (rep_len 1 20000) long) (cbind (rep_len 1 20000) long) False False 0 0 'auto')": "rows",
    "(cut long [0:1e7] [] True True 3)": "at most",
    "(cut long 1e12)": "intervals",
    "(hist long 1e9)": "bins",
    "(quantile long [0:1e8] 'low' '_')": "too long",
    "(cols_py long [0:9e15])": "Column",
    "(cols_py wide [0:1e9])": "Column",
    f"(cols_py wide [{'0 ' * 300_000}])": "columns",
    f"(cbind {'wide ' * 1000})": "columns",
    f"(rbind {'long ' * 5000})": "needs about",
    f"(append long '{'a' * 1_000_000}' 'n')": "needs about",
    "[0:1e18]": "too long",
    f"[{'1 ' * 2_000_000}]": "words",
    f"{'(sum ' * 1000}1{')' * 1000}": "deep",
    "(" * 1_000_000: "deep",
    "{ x . " * 1000: "deep",
    "[" * 1_000_000: "list",
    "a" * 20_000_000: "lookup",
    f"'{'a' * 20_000_000}": "Unterminated",
    "(apply long 1 { x . (rep_len x 1e9) })": "needs about",
    "({ f . (f f) } { f . (f f) })": "deep",
    "({ f . (f f) } { f . (cbind (f f) (f f)) })": "deep",
}
"""What would take more than there is: a word of the refusal."""

MOST_MEGABYTES = 500
"""What the refusals may take in all; expressions of 20 MB are among them, held several times."""


def test_what_is_too_large_is_refused_in_little_memory() -> None:
    answers = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("large_expressions.py"))],
        input="".join(f"{json.dumps(text)}\n" for text in LARGE),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    ).stdout.splitlines()
    for (text, word), answer in zip(LARGE.items(), answers, strict=True):
        said, megabytes = json.loads(answer)
        assert word in said, (text[:100], said[:500])
        assert megabytes < MOST_MEGABYTES, text[:100]
