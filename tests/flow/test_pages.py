"""Every page and its JSON twin: what they say of the cloud, jobs and logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aquifer_cluster.errors import ParseFailure
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job, JobStatus
from aquifer_flow.application import PAGES
from aquifer_server.coordinator import Coordinator

Read = Callable[..., Any]


@pytest.mark.parametrize("page", [page for page in PAGES if not page.keyed], ids=lambda page: page.template)
def test_every_page_opens_on_an_empty_server_and_has_a_twin(page: Any, read: Read, visitor: Any) -> None:
    document = read(page.path)
    alternate = next(link["href"] for link in document.all("link") if link.get("rel") == "alternate")
    twin = visitor.get(alternate)
    assert twin.headers["content-type"] == "application/json"
    assert isinstance(twin.json(), dict)


@pytest.mark.parametrize("page", [page for page in PAGES if page.keyed], ids=lambda page: page.template)
def test_a_key_that_is_not_there_is_answered_in_words_and_with_404(
    page: Any, read: Read, visitor: Any
) -> None:
    document = read(f"{page.path}/no such thing", status=404)
    assert "no such thing" in document.text
    assert "It may have been removed" in document.text
    twin = visitor.get(f"{page.path}/no such thing.json")
    assert twin.status_code == 404
    assert "'no such thing'" in twin.json()["message"]


def test_a_page_obeys_the_content_security_policy_it_is_sent_with(
    read: Read, visitor: Any, put_frame: Callable[..., Frame]
) -> None:
    put_frame("numbers", {"x": [1, 2, 3]})
    assert "default-src 'self'" in visitor.get("/").headers["content-security-policy"]
    for path in ("/", "/flow/jobs", "/flow/frames", "/flow/frames/numbers", "/flow/models", "/flow/logs"):
        document = read(path)
        assert not any("style" in attributes for _, attributes in document.tags)
        assert not document.all("style")
        assert all(script.get("src", "").startswith("/flow/static/") for script in document.all("script"))


def test_pages_say_where_they_are(read: Read) -> None:
    document = read("/flow/frames")
    assert [link["href"] for link in document.all("a") if link.get("aria-current")] == ["/flow/frames"]
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in document.tags}


def test_old_addresses_lead_home(visitor: Any) -> None:
    assert visitor.get("/flow/index.html").headers["location"] == "/"


# home


def test_home_shows_a_newcomer_how_to_begin_with_the_address_that_the_browser_used(read: Read) -> None:
    document = read("/")
    assert "It holds nothing yet" in document.text
    assert 'h2o.connect(url="http://localhost:54321")' in document.text
    assert 'h2o.connect(ip = "localhost", port = 54321)' in document.text
    assert "curl http://localhost:54321/3/Cloud" in document.text


def test_home_shows_the_nodes_and_their_memory(read: Read, visitor: Any, coordinator: Coordinator) -> None:
    data = visitor.get("/.json").json()
    assert data["memory"] == coordinator.cloud.memory
    assert [node["answers"] for node in data["nodes"]] == [True]
    assert str(data["nodes"][0]["pid"]) in read("/").row("1")


def test_home_lists_what_runs_and_what_is_newest(
    read: Read, put_frame: Callable[..., Frame], held_job: Callable[..., Job]
) -> None:
    for number in range(7):
        put_frame(f"frame_{number}", {"x": [1, 2]})
    job = held_job("Parse", "coming.hex")
    document = read("/")
    assert "It holds nothing yet" not in document.text
    assert f"/flow/jobs/{job.key}" in document.links
    shown = [link for link in document.links if link.startswith("/flow/frames/")]
    assert shown == [f"/flow/frames/frame_{number}" for number in (6, 5, 4, 3, 2)]
    assert "/flow/events/jobs" in [attributes.get("data-events") for attributes in document.all("main")]


# jobs


def test_a_running_job_shows_progress_and_offers_to_cancel(read: Read, held_job: Callable[..., Job]) -> None:
    job = held_job("DeepLearning", "model_7")
    job.update(0.25, "Epochs: 2.50.")
    document = read(f"/flow/jobs/{job.key}")
    assert document.all("progress")[0]["value"] == "0.25"
    assert "25% Epochs: 2.50." in document.text
    assert document.all("form") == [{"method": "post", "action": f"/flow/jobs/{job.key}/cancel"}]
    assert document.all("main")[0]["data-events"] == f"/flow/events/jobs/{job.key}"


def test_cancelling_stops_the_job_and_returns_to_its_page(
    read: Read, visitor: Any, held_job: Callable[..., Job]
) -> None:
    job = held_job()
    answer = visitor.post(f"/flow/jobs/{job.key}/cancel")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/flow/jobs/{job.key}")
    assert job.wait(5)
    assert job.status is JobStatus.CANCELLED
    document = read(f"/flow/jobs/{job.key}")
    assert "cancelled" in document.text
    assert "data-events" not in document.all("main")[0], "nothing more will happen to it"


def test_a_page_of_another_site_cannot_cancel(visitor: Any, held_job: Callable[..., Job]) -> None:
    job = held_job()
    answer = visitor.post(f"/flow/jobs/{job.key}/cancel", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert not job.stopping


def test_cancelling_what_is_not_there_says_so(visitor: Any) -> None:
    answer = visitor.post("/flow/jobs/job_0/cancel")
    assert answer.status_code == 404
    assert "job_0" in answer.text


def test_a_failed_job_gives_the_reason_and_the_remedy(read: Read, coordinator: Coordinator) -> None:
    def work(job: Job) -> None:
        raise ParseFailure("flights.csv", "line 17", "a quote is never closed. Repair the line.")

    job = coordinator.jobs.start("Parse", "flights.hex", "Key<Frame>", work)
    assert job.wait(5)
    document = read(f"/flow/jobs/{job.key}")
    assert "Cannot parse flights.csv (line 17): a quote is never closed. Repair the line." in document.text
    assert read("/flow/jobs").row("Parse")[2] == "failed"


def test_a_job_leads_to_its_result_once_it_has_ended(
    read: Read, visitor: Any, put_frame: Callable[..., Frame], held_job: Callable[..., Job]
) -> None:
    put_frame("a/b c.hex", {"x": [1, 2]})
    job = held_job("Parse", "a/b c.hex")
    document = read(f"/flow/jobs/{job.key}")
    assert "makes a/b c.hex" in document.text
    assert "/flow/frames/a%2Fb%20c.hex" not in document.links, "that is an older one of the same name"
    visitor.post(f"/flow/jobs/{job.key}/cancel")
    assert job.wait(5)
    document = read(f"/flow/jobs/{job.key}")
    assert "made a/b c.hex" in document.text
    assert "/flow/frames/a%2Fb%20c.hex" in document.links


def test_a_training_job_draws_its_scores_so_far(
    read: Read, visitor: Any, held_job: Callable[..., Job]
) -> None:
    job = held_job()
    assert visitor.get(f"/flow/curves/{job.key}").text == ""
    for epochs, error in ((0.0, float("nan")), (1.0, 0.5), (2.0, 0.25)):
        job.history.append(
            {
                "epochs": epochs,
                "training_classification_error": error,
                "validation_classification_error": error * 2,
            }
        )
    data = visitor.get(f"/flow/jobs/{job.key}.json").json()
    (curve,) = data["curves"]["curves"]
    assert curve["measure"] == "Classification error"
    assert [line["name"] for line in curve["lines"]] == ["training", "validation"]
    assert curve["lines"][1] == {"name": "validation", "x": [1.0, 2.0], "y": [1.0, 0.5]}
    drawing = visitor.get(f"/flow/curves/{job.key}").text
    assert drawing in visitor.get(f"/flow/jobs/{job.key}").text
    assert "validation 0.5 at epochs 2" in drawing


def test_jobs_are_listed_newest_first(visitor: Any, held_job: Callable[..., Job]) -> None:
    jobs = [held_job(f"job {number}") for number in range(3)]
    listed = visitor.get("/flow/jobs.json").json()["jobs"]
    assert [job["key"] for job in listed] == [job.key for job in reversed(jobs)]


# logs


def test_logs_end_with_the_newest_line_however_long_they_are(
    read: Read, visitor: Any, coordinator: Coordinator
) -> None:
    assert coordinator.log_file is not None
    coordinator.log_file.write_text(
        "".join(f"line {n} {'x' * 100}\n" for n in range(50_000)) + "the <b>end</b>\n"
    )
    lines = visitor.get("/flow/logs.json").json()["lines"]
    assert lines[-1] == "the <b>end</b>"
    assert len(lines) == 400
    assert "the <b>end</b>" in read("/flow/logs").text
