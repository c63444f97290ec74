"""Whatever a request says of its parameters: an answer or a plain error, never a failure of the server."""

from __future__ import annotations

import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aquifer_cluster import errors
from aquifer_cluster.frame import Frame
from aquifer_server.application import ROUTERS
from aquifer_server.binding import Parameters
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as some

KEYS = ("trees", "leaves", "nope", "made", "", "a/b", "ä", "..", "%00", "0")
COLUMNS = ("girth", "kind", "note", "nope", "", "C1", "0", "ä b")
NUMBERS = (
    "0",
    "1",
    "-1",
    "2",
    "7",
    "300",
    "0.5",
    "-0.1",
    "1e300",
    "nan",
    "inf",
    "1e-320",
    "9223372036854775808",
)
TEXTS = (
    "",
    " ",
    "a",
    "true",
    "TRUE",
    "null",
    "[",
    "[]",
    "{}",
    '["a"]',
    "[a,b]",
    "[[1],[2]]",
    "\0",
    "\n",
    "'",
    '"',
)
FORMS = ("csv", "parquet", "arrow", "gzip", "none", "GUESS", "[0.5]", "[0.2,0.3]", "[-1]", '["girth","kind"]')
LISTS = ('["kind","old"]', '["trees"]', '["upload"]', '["nope"]', '["a","b","c"]', "[1,2]", '[["NA"],[]]')
VALUES = some.sampled_from((*KEYS, *COLUMNS, *NUMBERS, *TEXTS, *FORMS, *LISTS)) | some.text(max_size=5)

AIMED: dict[str, some.SearchStrategy[str]] = {
    "key": some.sampled_from(KEYS),
    "frame_id": some.sampled_from(KEYS),
    "dataset": some.sampled_from(KEYS),
    "source_frame": some.sampled_from(KEYS),
    "column": some.sampled_from(COLUMNS),
    "factor_columns": some.sampled_from(('["kind","old"]', '["kind"]', '["girth"]', "[]", '["nope"]')),
    "source_frames": some.sampled_from(('["upload"]', '["trees"]', '["nope"]', "[]", '["upload","upload"]')),
    "ratios": some.sampled_from(("[0.5]", "[0.2,0.3]", "[1]", "[0]", "[-1,2]", "[nan]", "[1e-300]", "[]")),
    "rows": some.sampled_from(("1", "10", "1000", "0", "1e12", "9223372036854775807")),
    "cols": some.sampled_from(("1", "3", "0", "1e9", "9223372036854775807")),
    "factors": some.sampled_from(("1", "5", "0", "1e9", "9223372036854775807")),
    "response_factors": some.sampled_from(("1", "2", "1e9")),
}
"""Parameters whose values are mostly such that the request gets further."""

FAMILIES = {"frames", "parse", "import", "generation", "interactions", "store"}
"""The tags of the routes that are tried."""

OUT_OF_REACH = ("/3/ImportFiles", "/3/Typeahead", "/3/PersistS3")
"""What looks at the files of this machine, or for other machines, has tests of its own."""


def parameters_of(route: APIRoute) -> list[str]:
    """The parameters that a route declares."""
    hints = typing.get_type_hints(route.endpoint)
    models = [hint for hint in hints.values() if isinstance(hint, type) and issubclass(hint, Parameters)]
    return [name for model in models for name in model.model_fields if name != "exclude_fields"]


@some.composite
def requests(draw: some.DrawFn, routes: list[APIRoute], folder: Path) -> tuple[str, str, dict[str, str]]:
    """Method, path and parameters of a request; where it names a place to write to, in the folder."""
    places = some.sampled_from([str(folder / name) for name in ("one", "two.csv", "no/where", "", "..")])
    aimed = {**AIMED, "path": places, "dir": places}
    route = draw(some.sampled_from(routes))
    path = route.path.replace(":path}", "}")
    for parameter in route.dependant.path_params:
        path = path.replace(f"{{{parameter.name}}}", quote(draw(aimed.get(parameter.name, VALUES))))
    declared = parameters_of(route)
    chosen = draw(some.lists(some.sampled_from(declared), max_size=5, unique=True)) if declared else []
    names = [name for name in declared if name in chosen or name in aimed]
    return min(route.methods or ()), path, {name: draw(aimed.get(name, VALUES)) for name in names}


def assert_plain(coordinator: Any, response: Any) -> None:
    """The answer is no failure of the server, nor is what it has begun."""
    assert response.status_code < 500, response.text
    assert response.status_code == 200 or response.json()["msg"]
    coordinator.jobs.cancel_all(30)
    for job in coordinator.jobs.all():
        assert job.status != "RUNNING"
        kind = (job.stacktrace or "AquiferError").strip().splitlines()[-1].partition(":")[0]
        assert issubclass(getattr(errors, kind.rpartition(".")[2], Exception), errors.AquiferError), (
            job.stacktrace
        )


@pytest.mark.fuzz
def test_any_request_is_answered_or_refused(
    rest: Any,
    coordinator: Any,
    trees_csv: Path,
    tmp_path: Path,
    fuzzed: Callable[[int], Any],
) -> None:
    routes = [
        route
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        and FAMILIES & set(route.tags)
        and not route.path.startswith(OUT_OF_REACH)
    ]
    assert {tag for route in routes for tag in route.tags} >= FAMILIES
    rest.parse(trees_csv, "trees")
    trees = coordinator.store.get("trees", Frame)
    folder = tmp_path / "written"
    folder.mkdir()

    @fuzzed(100)
    @given(requests(routes, folder))
    def any_request(asked: tuple[str, str, dict[str, str]]) -> None:
        coordinator.store.put("trees", trees)
        upload = {"destination_frame": "upload"}
        rest.request("POST", "/3/PostFile", params=upload, content=b"a,b\n1,x\n")
        method, path, said = asked
        where = "data" if method == "POST" else "params"
        assert_plain(coordinator, rest.request(method, path, **{where: said}))
        rest.delete("/3/DKV")

    any_request()
    assert not list(coordinator.spool.iterdir())
