"""The pages in a real browser: they run without a complaint, and a job's page moves by itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aquifer_algos.algorithms import ALGORITHMS
from aquifer_algos.builder import inputs_of
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from aquifer_server.coordinator import Coordinator
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is absent: install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, server_url: str) -> Iterator[Page]:
    """A page of the server; whatever the console complains about, CSP included, fails the test."""
    context = chromium.new_context(base_url=server_url, viewport={"width": 1200, "height": 800})
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def digits(put_frame: Callable[..., Frame]) -> Frame:
    """Handwritten digits, 8 × 8 pixels each."""
    from sklearn.datasets import load_digits

    data = load_digits()
    columns: dict[str, Any] = {f"pixel_{i // 8}_{i % 8}": data.data[:, i] for i in range(64)}
    return put_frame("digits.hex", {**columns, "label": (data.target.tolist(), tuple("0123456789"))})


def test_a_running_job_moves_and_ends_without_a_reload(
    page: Page, coordinator: Coordinator, held_job: Callable[..., Job], put_frame: Callable[..., Frame]
) -> None:
    job = held_job("Parse", "coming.hex")
    job.update(0.1, "Reading.")
    page.goto(f"/flow/jobs/{job.key}")
    page.evaluate("window.sameDocument = true")
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_js_property("value", 0.1)
    job.update(0.6, "Encoding.")
    expect(bar).to_have_js_property("value", 0.6)
    expect(page.get_by_text("60% Encoding.")).to_be_visible()
    expect(page.locator("#announcement")).to_have_text("50 percent")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("cancelled", exact=True)).to_be_visible()


def test_a_training_is_watched_from_home_to_its_model(
    page: Page, coordinator: Coordinator, digits: Frame
) -> None:
    page.goto("/")
    page.evaluate("window.sameDocument = true")
    builder = ALGORITHMS["deeplearning"]
    asked = builder.parameters(
        model_id="digits_model",
        training_frame="digits.hex",
        response_column="label",
        hidden=(64, 64),
        epochs=100_000,
        seed=1,
        stopping_rounds=0,
        classification_stop=-1,
        score_interval=0.2,
        variable_importances=True,
    )

    inputs = inputs_of(coordinator.store, asked)

    def work(job: Job) -> None:
        builder.train(coordinator.cloud, coordinator.store, asked, inputs, job, "digits_model")

    job = coordinator.jobs.start(builder.name, "digits_model", "Key<Model>", work)
    page.get_by_role("link", name="DeepLearning").click()  # it appeared on the home page by itself
    page.evaluate("window.sameDocument = true")
    chart = page.locator(".charts svg").first
    expect(chart).to_be_visible(timeout=60_000)
    before = chart.get_attribute("aria-label")
    expect(chart).not_to_have_attribute("aria-label", before or "")
    coordinator.jobs.cancel(job)
    page.get_by_role("link", name="digits_model").wait_for()
    assert page.evaluate("window.sameDocument") is True, "the page was never reloaded"
    page.get_by_role("link", name="digits_model").click()
    expect(page.get_by_role("heading", name="Confusion matrix").first).to_be_visible()
    expect(page.get_by_role("heading", name="Variable importances")).to_be_visible()
    page.get_by_text("scorings as a table").click()
    expect(page.get_by_role("region", name="Scorings")).to_be_visible()


def test_a_frame_is_looked_through_and_deleted(page: Page, digits: Frame) -> None:
    page.goto("/")
    page.get_by_role("link", name="digits.hex").click()
    expect(page.get_by_text("columns 1 – 50 of 65")).to_be_visible()
    page.get_by_role("navigation", name="More rows").get_by_role("link", name="after").click()
    expect(page.get_by_text("rows 21 – 40 of 1797")).to_be_visible()
    page.get_by_text("Delete…").click()
    page.get_by_role("button", name="Delete digits.hex").click()
    expect(page.get_by_text("There is no frame yet")).to_be_visible()


def test_a_list_of_frames_grows_when_a_job_has_made_one(
    page: Page, coordinator: Coordinator, put_frame: Callable[..., Frame]
) -> None:
    page.goto("/flow/frames")

    def work(job: Job) -> None:
        put_frame("fresh.hex", {"x": [1, 2, 3]})

    coordinator.jobs.start("Parse", "fresh.hex", "Key<Frame>", work)
    expect(page.get_by_role("link", name="fresh.hex")).to_be_visible()


def test_a_page_says_when_the_server_is_gone(
    chromium: Browser, server_url: str, held_job: Callable[..., Job], coordinator: Coordinator
) -> None:
    page = chromium.new_page()
    page.goto(f"{server_url}/flow/jobs")
    expect(page.get_by_text("The server does not answer.")).to_be_hidden()
    page.route("**/*", lambda route: route.abort())
    coordinator.stopping = True  # ends the stream of events
    expect(page.get_by_text("The server does not answer.")).to_be_visible(timeout=15_000)
    page.close()


def test_pages_fit_a_telephone(page: Page, digits: Frame) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/", "/flow/jobs", "/flow/frames", "/flow/frames/digits.hex", "/flow/models", "/flow/logs"):
        page.goto(path)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow == 0, path


def test_a_tab_that_nobody_sees_holds_no_connection(page: Page, held_job: Callable[..., Job]) -> None:
    job = held_job("Parse", "coming.hex")
    page.goto(f"/flow/jobs/{job.key}")
    page.evaluate(
        """hidden => { Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
                       document.dispatchEvent(new Event("visibilitychange")); }""",
        True,
    )
    job.update(0.5, "Unseen.")
    page.wait_for_timeout(800)
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 0)
    page.evaluate("""delete document.hidden, document.dispatchEvent(new Event("visibilitychange"))""")
    expect(page.get_by_text("50% Unseen.")).to_be_visible()
    job.update(0.75, "Seen again.")
    expect(page.get_by_text("75% Seen again.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(page: Page, digits: Frame, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/")
    colours = page.evaluate(
        """() => ["--paper", "--surface", "--ink", "--quiet", "--accent", "--warm", "--good", "--bad"].map(
            name => getComputedStyle(document.documentElement).getPropertyValue(name).trim())"""
    )
    behind, text = colours[:2], colours[2:]
    assert min(contrast(a, b) for a in text for b in behind) >= 4.5, "WCAG 2, level AA"


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two `#rrggbb` colours (WCAG 2.2, relative luminance)."""
    bright, dim = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_hostile_name_runs_nothing(page: Page, put_frame: Callable[..., Frame]) -> None:
    hostile = '<img src="/x" onerror="document.title=1">'
    put_frame(
        hostile,
        {hostile: np.arange(3.0), "level": ([0, 1, 2], (hostile, "<script>document.title=2</script>", "c"))},
    )
    page.goto("/")
    page.get_by_role("link", name=hostile).click()
    expect(page.get_by_role("heading", name=hostile)).to_be_visible()
    assert page.title() == f"{hostile} · Aquifer"


def test_a_path_completes_itself_and_leads_to_a_frame(page: Page, tmp_path: Path) -> None:
    (tmp_path / "pond.csv").write_text("a,b\n1,x\n2,y\n")
    page.goto("/flow/import")
    field = page.get_by_label("File, folder, glob or address")
    field.press_sequentially(f"{tmp_path}/po")
    expect(page.locator(f'#completions option[value="{tmp_path}/pond.csv"]')).to_have_count(1)
    field.fill(f"{tmp_path}/pond.csv")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("link", name="pond.hex").first).to_be_visible()
