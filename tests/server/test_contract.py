"""Every endpoint: what H2O's clients send, and every field that H2O would answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Case:
    """One request; `recorded` names H2O's own answer to one like it, whose fields ours must have."""

    method: str
    path: str
    schema: str
    recorded: str | None = None
    data: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


FRESH = "(tmp= {fresh} (rows trees [0:7]))"
PARSE = {"source_frames": '["{upload}"]', "separator": "44", "check_header": "1", "number_columns": "2"}
EVERY = (
    Case("GET", "/3/Cloud", "CloudV3", "cloud"),
    Case("GET", "/3/Cloud?skip_ticks=true", "CloudV3", "cloud"),
    Case("GET", "/3/Ping", "PingV3", "ping"),
    Case("GET", "/3/About", "AboutV3", "about"),
    Case("GET", "/3/Capabilities", "CapabilitiesV3"),
    Case("GET", "/3/Capabilities/API", "CapabilitiesV3", "capabilities_api"),
    Case("GET", "/3/Capabilities/Core", "CapabilitiesV3", "capabilities_core"),
    Case("GET", "/3/Metadata/schemas/CloudV3", "MetadataV3", "schema_CloudV3"),
    Case("GET", "/3/Metadata/schemas/H2OErrorV3", "MetadataV3", "schema_H2OErrorV3"),
    Case("GET", "/3/Metadata/schemas/H2OModelBuilderErrorV3", "MetadataV3"),
    Case("GET", "/3/Metadata/schemas/DeepLearningParametersV3", "MetadataV3"),
    Case("GET", "/3/Metadata/schemas", "MetadataV3"),
    Case("GET", "/3/Metadata/endpoints", "MetadataV3"),
    Case("GET", "/3/InitID", "InitIDV3", "init_id"),
    Case("DELETE", "/4/sessions/_sid_x", "InitIDV3", "session_delete"),
    Case(
        "POST",
        "/3/SessionProperties",
        "SessionPropertyV3",
        data={"session_key": "_sid_x", "key": "job.fetch_timeout_ms", "value": "1000"},
    ),
    Case("GET", "/3/ImportFiles?path={csv}", "ImportFilesV3"),
    Case("POST", "/3/ImportFilesMulti", "ImportFilesMultiV3", "import_files_multi", {"paths": "[{csv}]"}),
    Case("GET", "/3/Typeahead/files?src={csv}&limit=5", "TypeaheadV3", "typeahead"),
    Case(
        "POST",
        "/3/PersistS3",
        "PersistS3CredentialsV3",
        None,
        {"secret_key_id": "a", "secret_access_key": "b"},
    ),
    Case("DELETE", "/3/PersistS3?secret_key_id=delete&secret_access_key=delete", "PersistS3CredentialsV3"),
    Case(
        "POST",
        "/3/ParseSetup",
        "ParseSetupV3",
        "parse_setup_header",
        {"source_frames": '["{upload}"]', "check_header": "0", "single_quotes": "False"},
    ),
    Case("POST", "/3/Parse", "ParseV3", "parse", {**PARSE, "column_types": '["Numeric","Enum"]'}),
    Case("GET", "/3/Frames", "FramesListV3", "frame_list"),
    Case(
        "GET",
        "/3/Frames/trees?row_count=10&row_offset=0&column_count=-1&full_column_count=-1&column_offset=0",
        "FramesV3",
        "frame_get",
    ),
    Case("GET", "/3/Frames/trees/light", "FramesV3", "frame_light"),
    Case("GET", "/3/Frames/trees/summary", "FramesV3", "frame_summary"),
    Case("GET", "/3/Frames/trees/columns", "FramesV3", "frame_columns"),
    Case("GET", "/3/Frames/trees/columns/girth", "FramesV3"),
    Case("GET", "/3/Frames/trees/columns/girth/summary", "FramesV3", "frame_col_summary"),
    Case("GET", "/3/Frames/trees/columns/kind/domain", "FramesV3", "frame_col_domain"),
    Case("POST", "/3/Frames/trees/export", "FramesV3", "frame_export", {"path": "{out}"}),
    Case("POST", "/3/Frames/trees/save", "FrameSaveV3", "frame_save", {"dir": "{out}"}),
    Case("GET", "/3/FrameChunks/trees", "FrameChunksV3", "frame_chunks"),
    Case(
        "POST",
        "/3/Interaction",
        "JobV3",
        data={
            "source_frame": "trees",
            "factor_columns": '["kind"]',
            "pairwise": "False",
            "max_factors": "100",
            "min_occurrence": "1",
            "dest": "{fresh}",
        },
    ),
    Case("GET", "/3/Jobs", "JobsV3", "job_list"),
    Case("GET", "/3/Jobs/{job}", "JobsV3", "job_done"),
    Case("POST", "/3/Jobs/{job}/cancel", "JobsV3", "job_cancel"),
    Case("GET", "/3/ModelBuilders", "ModelBuildersV3"),
    Case("GET", "/3/ModelBuilders/deeplearning", "ModelBuildersV3", "model_builder_metadata"),
    Case(
        "POST",
        "/3/ModelBuilders/deeplearning/parameters",
        "DeepLearningV3",
        "model_builder_parameters_validate",
        {"training_frame": "trees", "response_column": "kind"},
    ),
    Case(
        "POST",
        "/3/ModelBuilders/deeplearning",
        "DeepLearningV3",
        "model_train_post",
        {"training_frame": "trees", "response_column": "kind", "hidden": "[2]", "epochs": "0.1"},
    ),
    Case("GET", "/3/Models", "ModelsV3", "model_list"),
    Case("GET", "/3/Models/height_model", "ModelsV3", "model_regression"),
    Case("GET", "/3/Models/kind_model", "ModelsV3", "model_multinomial_mnist"),
    Case("GET", "/3/Models/old_model", "ModelsV3", "model_binomial"),
    Case("GET", "/99/Models/old_model", "ModelsV3", "model_binomial"),
    Case("GET", "/3/Models/inputs_model", "ModelsV3", "model_autoencoder"),
    Case("POST", "/4/Predictions/models/kind_model/frames/trees", "JobV3", "predict_v4_post"),
    Case(
        "POST",
        "/4/Predictions/models/kind_model/frames/trees",
        "JobV3",
        "predict_deepfeatures",
        {"deep_features_hidden_layer": "0"},
    ),
    *(
        Case(
            "POST",
            "/3/Predictions/models/inputs_model/frames/trees",
            "ModelMetricsListSchemaV3",
            recorded,
            {"reconstruction_error": "True", "reconstruction_error_per_feature": per_feature},
        )
        for per_feature, recorded in (
            ("False", "predict_v3_anomaly"),
            ("True", "predict_v3_anomaly_per_feature"),
        )
    ),
    Case(
        "POST",
        "/3/Predictions/models/kind_model/frames/trees",
        "ModelMetricsListSchemaV3",
        "predict_v3_multinomial",
    ),
    Case(
        "POST",
        "/3/ModelMetrics/models/old_model/frames/trees",
        "ModelMetricsListSchemaV3",
        "metrics_binomial",
        {"auc_type": "none"},
    ),
    Case(
        "POST",
        "/3/ModelMetrics/models/kind_model/frames/trees",
        "ModelMetricsListSchemaV3",
        "metrics_multinomial",
        {"auc_type": "none"},
    ),
    Case("GET", "/3/ModelMetrics", "ModelMetricsListSchemaV3"),
    Case("GET", "/3/ModelMetrics/models/old_model", "ModelMetricsListSchemaV3"),
    Case("GET", "/3/ModelMetrics/models/old_model/frames/trees", "ModelMetricsListSchemaV3"),
    Case(
        "POST",
        "/99/Rapids",
        "RapidsFrameV3",
        "rapids_RapidsFrameV3",
        {"ast": FRESH},
    ),
    Case("POST", "/99/Rapids", "RapidsNumberV3", "rapids_RapidsNumberV3", {"ast": "(rm no_such_key)"}),
    Case("POST", "/99/Rapids", "RapidsNumbersV3", None, {"ast": "(getrow (rows trees [7]))"}),
    Case("POST", "/99/Rapids", "RapidsStringV3", "rapids_RapidsStringV3", {"ast": '(setTimeZone "UTC")'}),
    Case("POST", "/99/Rapids", "RapidsNumbersV3", "rapids_RapidsNumbersV3", {"ast": "(is.factor trees)"}),
    Case("DELETE", "/3/DKV/nothing?cascade=True", "RemoveV3", "dkv_delete"),
    Case("POST", "/3/LogAndEcho", "LogAndEchoV3", "log_and_echo", {"message": "hi"}),
    Case("GET", "/3/Logs", "LogsV3"),
    Case("GET", "/3/Logs/nodes/0/files/info", "LogsV3"),
    Case("GET", "/healthz", "HealthV3"),
    Case("GET", "/readyz", "HealthV3"),
)


@pytest.fixture(scope="session")
def recorded_answers(test_data: Path) -> Path:
    folder = test_data.parent / "wire" / "samples"
    if not folder.is_dir():
        pytest.skip(f"H2O's recorded answers are not in {folder}")
    return folder


def ask(case: Case, rest: Any, csv: Path) -> Any:
    upload = rest.request("POST", "/3/PostFile", content=b"a,b\n1,x\n2,y\n").json()["destination_frame"]
    job = rest.get("/3/Jobs")["jobs"][0]["key"]["name"]
    given = {
        "{csv}": str(csv),
        "{upload}": upload,
        "{job}": job,
        "{fresh}": f"of_{upload}",
        "{out}": str(csv.with_name(f"out_{upload}")),
    }

    def fill(text: str) -> str:
        for mark, value in given.items():
            text = text.replace(mark, value)
        return text

    form = {name: fill(value) for name, value in case.data.items()}
    return rest.request(case.method, fill(case.path), data=form if case.method == "POST" else None)


@pytest.mark.parametrize("case", EVERY, ids=str)
def test_every_endpoint_answers_json_under_the_schema_that_clients_expect(
    case: Case, furnished: Any, trees_csv: Path
) -> None:
    response = ask(case, furnished, trees_csv)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    answer = json.loads(response.text, parse_constant=not_json)
    assert answer["__meta"]["schema_name"] == case.schema


@pytest.mark.parametrize("case", [case for case in EVERY if case.recorded], ids=str)
def test_no_field_that_h2o_answers_is_missing(
    case: Case, furnished: Any, trees_csv: Path, recorded_answers: Path
) -> None:
    theirs = json.loads((recorded_answers / f"{case.recorded}.json").read_text())["response"]
    ours = ask(case, furnished, trees_csv).json()
    assert not list(lacking(theirs, ours))


def not_json(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def lacking(theirs: Any, ours: Any, place: str = "") -> Any:
    """The fields of their objects that ours lack; lists are compared by their first items."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name, value in theirs.items():
            if name not in ours:
                yield f"{place}/{name}"
            else:
                yield from lacking(value, ours[name], f"{place}/{name}")
    elif isinstance(theirs, list) and isinstance(ours, list) and theirs and ours:
        yield from lacking(theirs[0], ours[0], f"{place}/0")
    elif isinstance(theirs, dict | list) and not isinstance(ours, type(theirs)) and ours is not None:
        yield f"{place}: {type(theirs).__name__} expected, not {type(ours).__name__}"


def test_exactly_the_fields_that_are_sent_are_announced(furnished: Any) -> None:
    cloud = furnished.get("/3/Cloud")
    (announced,) = furnished.get("/3/Metadata/schemas/CloudV3")["schemas"]
    assert {announced_field["name"] for announced_field in announced["fields"]} == set(cloud)
    error = furnished.request("GET", "/3/Frames/nope").json()
    (announced,) = furnished.get("/3/Metadata/schemas/H2OErrorV3")["schemas"]
    assert {announced_field["name"] for announced_field in announced["fields"]} == set(error)


def test_the_table_of_parameters_is_h2os(furnished: Any, recorded_answers: Path) -> None:
    path = recorded_answers / "model_builder_metadata.json"
    theirs = json.loads(path.read_text())["response"]["model_builders"]["deeplearning"]["parameters"]
    ours = furnished.get("/3/ModelBuilders/deeplearning")["model_builders"]["deeplearning"]["parameters"]
    compared = ("name", "type", "default_value", "required", "level", "values", "gridable")
    # Computed by H2O as well, but not offered.
    (activation,) = (one for one in theirs if one["name"] == "activation")
    activation["values"] += ["ExpRectifier", "ExpRectifierWithDropout"]
    assert [{key: one[key] for key in compared} for one in ours] == [
        {key: one[key] for key in compared} for one in theirs
    ]


def test_not_a_number_is_written_as_text(furnished: Any) -> None:
    (frame,) = furnished.get("/3/Frames/trees", row_count=10)["frames"]
    girth, _, kind, _, note = frame["columns"]
    assert girth["data"][7] == "NaN"
    assert kind["mean"] == "NaN"
    assert note["mins"] == ["NaN"] * 5
    assert note["data"] is None
    assert note["string_data"][0] == "tree 0"
    assert furnished.post("/99/Rapids", ast="(max trees)")["scalar"] == "NaN"


def test_a_window_shows_the_rows_and_columns_asked_for(furnished: Any) -> None:
    answer = furnished.get(
        "/3/Frames/trees", row_offset=298, row_count=5, column_offset=1, column_count=2, full_column_count=1
    )
    (frame,) = answer["frames"]
    assert (frame["row_offset"], frame["row_count"], frame["rows"]) == (298, 2, 300)
    assert [column["label"] for column in frame["columns"]] == ["height", "kind"]
    assert len(frame["columns"][0]["data"]) == 2
    assert frame["columns"][1]["data"] is None
    assert (frame["total_column_count"], frame["column_count"]) == (5, 2)


def test_fields_can_be_left_out(furnished: Any) -> None:
    excluded = "frames/columns/data,frames/chunk_summary"
    (frame,) = furnished.get("/3/Frames/trees", _exclude_fields=excluded)["frames"]
    assert "chunk_summary" not in frame
    assert "data" not in frame["columns"][0]
    assert "mins" in frame["columns"][0]


def test_a_summary_has_percentiles_and_level_counts(furnished: Any) -> None:
    (frame,) = furnished.get("/3/Frames/trees/summary")["frames"]
    height, kind = frame["columns"][1], frame["columns"][2]
    median = frame["default_percentiles"].index(0.5)
    values = sorted(furnished.get("/3/Frames/trees", row_count=300)["frames"][0]["columns"][1]["data"])
    assert height["percentiles"][median] == pytest.approx((values[149] + values[150]) / 2)
    assert sum(height["histogram_bins"]) == 300
    assert sum(kind["histogram_bins"]) == 300
    assert len(kind["histogram_bins"]) == len(kind["domain"]) == 3


def test_a_download_is_the_frame_as_csv(furnished: Any, trees_csv: Path) -> None:
    response = furnished.request(
        "GET", "/3/DownloadDataset?frame_id=trees&hex_string=False&escape_quotes=True"
    )
    assert response.headers["content-type"] == "application/octet-stream;charset=utf-8"
    assert response.headers["content-disposition"] == "attachment; filename=trees.csv"
    first, *rows = response.text.splitlines()
    assert first == '"girth","height","kind","old","note"'
    assert len(rows) == 300
    given = trees_csv.read_text().splitlines()[1].split(",")
    assert [cell.strip('"') for cell in rows[0].split(",")][2:] == given[2:]


def test_automatic_keys_tell_who_asked(furnished: Any) -> None:
    agents = {"H2O Python client/3.11.7": "python", "curl/8.5": "curl", "Mozilla/5.0": "flow", "": "rest"}
    form = {"training_frame": "trees", "response_column": "kind", "hidden": "[2]", "epochs": "0.1"}
    for agent, kind in agents.items():
        response = furnished.request(
            "POST", "/3/ModelBuilders/deeplearning", data=form, headers={"User-Agent": agent}
        )
        key = response.json()["job"]["dest"]["name"]
        assert key.startswith(f"DeepLearning_model_{kind}_")


def test_metrics_on_a_frame_are_those_of_its_own_rows(furnished: Any) -> None:
    answer = furnished.post("/3/ModelMetrics/models/height_model/frames/trees")
    (metrics,) = answer["model_metrics"]
    trained = furnished.get("/3/Models/height_model")["models"][0]["output"]["training_metrics"]
    assert metrics["frame"]["name"] == "trees"
    assert metrics["MSE"] == pytest.approx(trained["MSE"])
    assert metrics["RMSE"] ** 2 == pytest.approx(metrics["MSE"])
    kept = furnished.get("/3/ModelMetrics/models/height_model/frames/trees")["model_metrics"]
    assert metrics["MSE"] in [each["MSE"] for each in kept]


def test_predictions_are_a_frame_of_labels_and_probabilities(furnished: Any) -> None:
    job = furnished.post("/4/Predictions/models/kind_model/frames/trees")
    assert job["dest"]["name"].endswith("_kind_model_on_trees")
    assert furnished.finish(job)["status"] == "DONE"
    (frame,) = furnished.get(f"/3/Frames/{job['dest']['name']}")["frames"]
    label, *probabilities = frame["columns"]
    assert [column["label"] for column in frame["columns"]] == ["predict", "ash", "beech", "cedar"]
    for row, code in enumerate(label["data"]):
        given = [column["data"][row] for column in probabilities]
        assert sum(given) == pytest.approx(1)
        assert given[int(code)] == max(given)


def test_a_reconstruction_error_comes_with_metrics_of_its_own_schema(furnished: Any) -> None:
    answer = furnished.post("/3/Predictions/models/inputs_model/frames/trees", reconstruction_error="true")
    (metrics,) = answer["model_metrics"]
    assert metrics["__meta"]["schema_name"] == "ModelMetricsAutoEncoderV3"
    assert answer["predictions_frame"]["name"].startswith("reconstruction_error_")
    assert metrics["predictions"]["frame_id"] == answer["predictions_frame"]
    (column,) = metrics["predictions"]["columns"]
    assert column["label"] == "Reconstruction.MSE"
    assert column["mean"] == pytest.approx(metrics["MSE"])


@pytest.mark.parametrize(
    "layer", [{"deep_features_hidden_layer": 0}, {"deep_features_hidden_layer_name": "DF.L1"}]
)
def test_deep_features_are_asked_for_by_place_or_by_name(furnished: Any, layer: dict[str, Any]) -> None:
    job = furnished.post("/4/Predictions/models/height_model/frames/trees", **layer)
    assert furnished.finish(job)["status"] == "DONE"
    (frame,) = furnished.get(f"/3/Frames/{job['dest']['name']}")["frames"]
    assert [column["label"] for column in frame["columns"]] == [f"DF.L1.C{unit}" for unit in range(1, 9)]


RECORDED_ERRORS = (
    *("err_400_bad_enum", "err_400_no_training_frame_key", "err_400_parse_setup_missing_key"),
    *("err_404_route", "err_404_unknown_algo", "err_412_bad_number", "err_412_no_response"),
    *("err_412_response_not_in_frame", "err_412_unknown_param", "err_412_validation"),
    *("err_rapids_0", "err_rapids_1", "err_rapids_2", "err_rapids_3"),
    *("frame_404", "model_404", "job_400_missing", "job_cancel_missing"),
    *("import_files_multi_404", "predict_404_model"),
)


@pytest.mark.parametrize("name", RECORDED_ERRORS)
def test_a_mistake_is_answered_as_h2o_does(name: str, furnished: Any, recorded_answers: Path) -> None:
    recorded = json.loads((recorded_answers / f"{name}.json").read_text())
    asked, theirs = recorded["request"], recorded["response"]
    form = {
        key: value.replace("iris_wheader.hex", "trees").replace("iris", "trees")
        for key, value in asked.get("form", {}).items()
    }
    response = furnished.request(asked["method"], asked["path"], data=form or None)
    ours = response.json()
    assert response.status_code == recorded["status"]
    assert ours["__meta"] == theirs["__meta"]
    assert not [field for field in theirs if field not in ours]


def test_all_that_the_official_client_sends_to_train_is_understood(
    furnished: Any, recorded_answers: Path
) -> None:
    form = json.loads((recorded_answers / "model_train_post.json").read_text())["request"]["form"]
    form |= {"training_frame": "trees", "validation_frame": "trees", "response_column": "height"}
    form |= {"ignored_columns": '["note"]', "model_id": "official"}
    answer = furnished.post("/3/ModelBuilders/deeplearning", **form)
    assert furnished.finish(answer["job"])["status"] == "DONE"
    (model,) = furnished.get("/3/Models/official")["models"]
    used = {one["name"]: one["actual_value"] for one in model["parameters"]}
    assert used["hidden"] == [5, 5]
    assert used["reproducible"] is True
    assert used["initial_weight_distribution"] == "UniformAdaptive"
    assert used["response_column"]["column_name"] == "height"
    assert used["training_frame"]["name"] == "trees"
