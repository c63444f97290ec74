"""A user's mistakes: the right status, H2O's error form, the culprit's name; nothing left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

BUILD = "/3/ModelBuilders/deeplearning"
ON_TREES = {"training_frame": "trees", "response_column": "kind", "ignored_columns": '["note"]'}


@dataclass(frozen=True)
class Mistake:
    """A wrong request, the status it deserves, and what its message must name."""

    name: str
    method: str
    path: str
    status: int
    names: tuple[str, ...]
    data: dict[str, str] = field(default_factory=dict)
    schema: str = "H2OErrorV3"

    def __str__(self) -> str:
        return self.name


def building(name: str, status: int, *names: str, **data: str) -> Mistake:
    return Mistake(name, "POST", BUILD, status, names, {**ON_TREES, **data})


def invalid(name: str, *names: str, **data: str) -> Mistake:
    return Mistake(name, "POST", BUILD, 412, names, {**ON_TREES, **data}, "H2OModelBuilderErrorV3")


def rapids(name: str, ast: str, *names: str, status: int = 400) -> Mistake:
    return Mistake(name, "POST", "/99/Rapids", status, names, {"ast": ast})


MISTAKES = (
    Mistake("unknown route", "GET", "/3/NoSuchRoute", 404, ("/3/NoSuchRoute",)),
    Mistake("wrong method", "POST", "/3/Cloud", 404, ("POST /3/Cloud",)),
    Mistake("unknown frame", "GET", "/3/Frames/nope", 404, ("nope",)),
    Mistake("unknown frame to delete", "DELETE", "/3/Frames/nope", 404, ("nope",)),
    Mistake("model where a frame is asked for", "GET", "/3/Frames/kind_model", 412, ("kind_model", "model")),
    Mistake("unknown column", "GET", "/3/Frames/trees/columns/leaves", 404, ("leaves", "girth")),
    Mistake("unknown model", "GET", "/3/Models/nope", 404, ("nope",)),
    Mistake("unknown model to delete", "DELETE", "/3/Models/nope", 404, ("nope",)),
    Mistake("unknown job", "GET", "/3/Jobs/nope", 400, ("nope",)),
    Mistake("unknown job to cancel", "POST", "/3/Jobs/nope/cancel", 400, ("nope",)),
    Mistake("unknown schema", "GET", "/3/Metadata/schemas/NopeV3", 404, ("NopeV3",)),
    Mistake("unknown algorithm", "POST", "/3/ModelBuilders/nope", 404, ("nope",), ON_TREES),
    Mistake("no such log", "GET", "/3/Logs/nodes/0/files/nope", 412, ("nope", "info")),
    Mistake("no such node", "GET", "/3/Logs/nodes/7/files/info", 412, ("7",)),
    Mistake("unknown frame to download", "GET", "/3/DownloadDataset?frame_id=nope", 400, ("nope",)),
    Mistake(
        "download in a format nobody writes",
        "GET",
        "/3/DownloadDataset?frame_id=trees&format=xlsx",
        400,
        ("format", "xlsx", "parquet"),
    ),
    *(
        Mistake(f"export: {name}", "POST", "/3/Frames/trees/export", status, names, data)
        for name, status, names, data in (
            ("no path", 412, ("path", "required"), {}),
            ("an empty path", 412, ("path", "empty"), {"path": ""}),
            ("a folder", 412, ("/tmp", "folder"), {"path": "/tmp"}),
            ("in no folder", 412, ("/nope/f.csv", "no folder /nope"), {"path": "/nope/f.csv"}),
            ("a format", 400, ("format", "xlsx"), {"path": "/tmp/f", "format": "xlsx"}),
            ("a compression", 412, ("compression", "lzo"), {"path": "/tmp/f", "compression": "lzo"}),
            ("no parts", 412, ("num_parts",), {"path": "/tmp/f", "num_parts": "0"}),
            ("a wide separator", 412, ("separator", "8364"), {"path": "/tmp/f", "separator": "8364"}),
        )
    ),
    *(
        Mistake(f"predictions: {name}", "POST", path, 412, names, data)
        for path in (
            "/3/Predictions/models/kind_model/frames/trees",
            "/4/Predictions/models/kind_model/frames/trees",
        )
        for name, names, data in (
            ("no such layer", ("hidden_layer", "1", "DF.L1"), {"deep_features_hidden_layer": "1"}),
            ("no such name", ("layer_name", "DF.L2", "DF.L1"), {"deep_features_hidden_layer_name": "DF.L2"}),
            ("no autoencoder", ("kind_model", "no autoencoder"), {"reconstruction_error": "True"}),
        )
    ),
    Mistake("unknown frame to export", "POST", "/3/Frames/nope/export", 404, ("nope",), {"path": "/tmp/f"}),
    Mistake("unknown frame to save", "POST", "/3/Frames/nope/save", 404, ("nope",), {"dir": "/tmp"}),
    Mistake(
        "nothing saved to load",
        "POST",
        "/3/Frames/load",
        404,
        ("/nope/f", "no saved frame"),
        {"dir": "/nope", "frame_id": "f"},
    ),
    Mistake("nothing to download", "GET", "/3/DownloadDataset", 412, ("frame_id", "required")),
    Mistake(
        "missing file",
        "POST",
        "/3/ImportFilesMulti",
        404,
        ("/no/such.csv",),
        {"paths": "[/no/such.csv]"},
    ),
    Mistake("missing file, R", "GET", "/3/ImportFiles?path=/no/such.csv", 404, ("/no/such.csv",)),
    Mistake("unclosed list", "POST", "/3/ImportFilesMulti", 412, ("paths", "']'"), {"paths": "[a,b"}),
    Mistake("unknown source", "POST", "/3/ParseSetup", 400, ("nope",), {"source_frames": '["nope"]'}),
    Mistake(
        "misspelt parameter of a parse",
        "POST",
        "/3/ParseSetup",
        412,
        ("source_frame", "source_frames"),
        {"source_frame": '["nope"]'},
    ),
    Mistake(
        "unknown model to predict with", "POST", "/4/Predictions/models/nope/frames/trees", 404, ("nope",)
    ),
    Mistake(
        "unknown frame to predict for", "POST", "/4/Predictions/models/kind_model/frames/nope", 404, ("nope",)
    ),
    Mistake(
        "unknown frame to measure on", "POST", "/3/ModelMetrics/models/kind_model/frames/nope", 404, ("nope",)
    ),
    Mistake("window of letters", "GET", "/3/Frames/trees?row_count=ten", 412, ("row_count", "ten")),
    building("misspelt parameter", 412, "hiden", "hidden", hiden="[3]"),
    building("unreadable number", 412, "epochs", "abc", epochs="abc"),
    building("half a unit", 412, "hidden", "1.5", hidden="[1.5]"),
    building("unreadable truth", 412, "adaptive_rate", "maybe", adaptive_rate="maybe"),
    building("unknown activation", 400, "activation", "Foo", "Rectifier", activation="Foo"),
    building(
        "several at once",
        412,
        *("epohcs", "hidden", "1.5", "activation", "Foo"),
        epohcs="3",
        hidden="[1.5]",
        activation="Foo",
    ),
    building("unknown training frame", 400, "nope", training_frame="nope"),
    building("unknown validation frame", 400, "nope", validation_frame="nope"),
    invalid("units below one", "hidden", hidden="[-1]"),
    invalid("rho beyond one", "rho", "2", rho="2.0"),
    invalid("negative epochs", "epochs", epochs="-1"),
    invalid("response not in the frame", "leaves", response_column="leaves"),
    invalid("ignored column not in the frame", "leaves", ignored_columns='["leaves"]'),
    invalid("no response", "response_column", response_column=""),
    invalid("text as response", "note", response_column="note", ignored_columns="[]"),
    rapids("unfinished expression", "(+ 1"),
    rapids("unknown function", "(nosuchfn 3)", "nosuchfn"),
    rapids("unknown key in an expression", "(cols nokey [0])", "nokey"),
    rapids("unknown column in an expression", "(cols_py trees 'leaves')", "leaves"),
    rapids(
        "failure after a temporary", "(rows (tmp= half (cols_py trees 'girth')) (nosuchfn 1))", "nosuchfn"
    ),
    Mistake("nothing to evaluate", "POST", "/99/Rapids", 412, ("ast",), {}),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_is_named_and_leaves_nothing_behind(mistake: Mistake, furnished: Any) -> None:
    before = keys(furnished)
    response = furnished.request(
        mistake.method, mistake.path, data=mistake.data if mistake.method == "POST" else None
    )
    error = response.json()
    assert response.status_code == mistake.status, error
    assert error["__meta"]["schema_name"] == mistake.schema
    assert error["http_status"] == mistake.status
    for name in mistake.names:
        assert name in error["msg"]
    for text in ("msg", "dev_msg", "exception_msg", "error_url", "exception_type"):
        assert isinstance(error[text], str)
    assert "Traceback" not in response.text
    assert keys(furnished) == before


def test_all_that_is_wrong_with_parameters_is_said_at_once(furnished: Any) -> None:
    wrong = {**ON_TREES, "hidden": "[-1]", "rho": "2", "response_column": "leaves"}
    error = furnished.request("POST", BUILD, data=wrong).json()
    said = {message["field_name"] for message in error["messages"] if message["message_type"] == "ERRR"}
    assert said >= {"hidden", "rho", "response_column"}
    assert error["error_count"] == len(
        [message for message in error["messages"] if message["message_type"] == "ERRR"]
    )
    assert error["parameters"]["response_column"]["column_name"] == "leaves"
    checked = furnished.request("POST", f"{BUILD}/parameters", data=wrong).json()
    assert checked["error_count"] == error["error_count"]


@pytest.mark.parametrize(
    ("kind", "body", "names"),
    [
        ("application/json", b"{broken", "JSON"),
        ("application/json", b"[1, 2]", "object"),
        ("application/xml", b"<ast/>", "application/xml"),
        ("application/x-www-form-urlencoded", b"no equals sign", "form"),
        ("application/x-www-form-urlencoded", b"ast=\xff\xfe", "form"),
    ],
)
def test_a_malformed_body_is_refused(kind: str, body: bytes, names: str, furnished: Any) -> None:
    response = furnished.request("POST", "/99/Rapids", content=body, headers={"Content-Type": kind})
    assert response.status_code == 400
    assert names in response.json()["msg"]


def test_parameters_may_come_as_json(furnished: Any) -> None:
    answer = furnished.request("POST", f"{BUILD}/parameters", json={**ON_TREES, "hidden": [7], "seed": 3})
    assert answer.status_code == 200
    values = {one["name"]: one["actual_value"] for one in answer.json()["parameters"]}
    assert (values["hidden"], values["seed"]) == ([7], 3)


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file_is_refused_by_its_name(content: str, rest: Any, tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.write_text(content)
    source = rest.post("/3/ImportFilesMulti", paths=f"[{file}]")["destination_frames"][0]
    response = rest.request("POST", "/3/ParseSetup", data={"source_frames": f'["{source}"]'})
    assert response.status_code in (400, 412)
    assert "empty.csv" in response.json()["msg"]
    assert rest.get("/3/Frames")["frames"] == []


def test_a_response_with_one_level_is_refused(rest: Any, tmp_path: Path) -> None:
    file = tmp_path / "single.csv"
    file.write_text("x,y\n" + "".join(f"{i},same\n" for i in range(20)))
    rest.parse(file, "single")
    before = keys(rest)
    response = rest.request("POST", BUILD, data={"training_frame": "single", "response_column": "y"})
    assert response.status_code == 412
    assert response.json()["__meta"]["schema_name"] == "H2OModelBuilderErrorV3"
    assert "y" in response.json()["msg"]
    assert keys(rest) == before


def test_a_file_outside_the_allowed_folders_does_not_exist(
    coordinator: Any, rest: Any, tmp_path: Path
) -> None:
    coordinator.settings = coordinator.settings.model_copy(update={"import_roots": (tmp_path / "in",)})
    (tmp_path / "in").mkdir()
    (tmp_path / "out.csv").write_text("a\n1\n")
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "out.csv")
    for path in ("/etc/passwd", str(tmp_path / "in/../out.csv"), str(tmp_path / "in/link.csv")):
        response = rest.request("POST", "/3/ImportFilesMulti", data={"paths": f"[{path}]"})
        assert response.status_code == 404
        assert "outside the folders" in response.json()["msg"]


def test_a_frame_that_would_not_fit_is_refused_with_both_sizes(
    coordinator: Any, rest: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("a,b\n" + "".join(f"{i * 1.37},{i * i / 7}\n" for i in range(20_000)))
    monkeypatch.setattr(coordinator.cloud, "memory", coordinator.cloud.used_bytes + 1000)
    source = rest.post("/3/ImportFilesMulti", paths=f"[{file}]")["destination_frames"][0]
    form = {"source_frames": f'["{source}"]', "destination_frame": "wide"}
    response = rest.request("POST", "/3/Parse", data=form)
    assert response.status_code == 412
    assert "KB" in response.json()["msg"]
    assert "--memory" in response.json()["msg"]
    assert rest.get("/3/Frames")["frames"] == []


def test_what_nobody_expected_is_answered_with_a_request_id_and_no_traceback(
    coordinator: Any, rest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator.jobs, "all", lambda: 1 / 0)
    response = rest.request("GET", "/3/Jobs")
    assert response.status_code == 500
    error = response.json()
    assert error["__meta"]["schema_name"] == "H2OErrorV3"
    assert error["values"]["request"] == response.headers["x-request-id"]
    assert response.headers["x-request-id"] in error["msg"]
    assert "Traceback" not in response.text


def keys(rest: Any) -> tuple[list[str], list[str]]:
    """What the store holds, as clients see it."""
    frames = [frame["frame_id"]["name"] for frame in rest.get("/3/Frames")["frames"]]
    models = [model["model_id"]["name"] for model in rest.get("/3/Models")["models"]]
    return sorted(frames), sorted(models)


def test_a_form_beyond_the_limit_is_refused(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aquifer_server.binding.MAX_FORM_BYTES", 1000)
    response = rest.request("POST", "/99/Rapids", data={"ast": "1" * 2000})
    assert response.status_code == 413
    assert "1000 bytes" in response.json()["msg"]


def test_a_window_beyond_the_frame_is_empty(furnished: Any) -> None:
    for query in ({"row_offset": 1000}, {"column_offset": 99}, {"row_count": 0}, {"column_count": 0}):
        (frame,) = furnished.get("/3/Frames/trees", **query)["frames"]
        assert all(not column["data"] for column in frame["columns"])
        assert frame["rows"] == 300
