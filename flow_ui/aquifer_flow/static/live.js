// Keeps a page true while it is open. Pages work without it; it saves the reload.
//
// <main data-events="URL"> names the server's event stream: `progress` and `done`, each with the protocol's
// JobV3, and `score`. <main data-job> is the page of one job; any [data-job] follows that job by its
// [data-part]s; [data-curves] is a drawing to fetch anew; data-shown is when the page was made.

const main = document.querySelector("main");
const announcement = document.getElementById("announcement");

/** What pages show of a job; times in milliseconds. */
function news(event) {
  const job = JSON.parse(event.data);
  return {
    key: job.key.name,
    status: job.status,
    progress: job.progress,
    message: job.progress_msg ?? "",
    seconds: job.msec / 1000,
    ended: job.start_time + job.msec,
  };
}

const PARTS = {
  progress: (part, job) => { part.value = job.progress; },
  percent: (part, job) => { part.textContent = `${Math.round(job.progress * 100)}%`; },
  message: (part, job) => { part.textContent = job.message; },
  seconds: (part, job) => { part.textContent = duration(job.seconds); },
};

/** Put a job's news where the page shows that job; whether it does. */
function show(job) {
  const places = document.querySelectorAll(`[data-job="${CSS.escape(job.key)}"]`);
  for (const place of places) {
    for (const part of place.querySelectorAll("[data-part]")) PARTS[part.dataset.part](part, job);
  }
  return places.length > 0;
}

function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** At most one call at a time; what is asked for meanwhile becomes one call afterwards. */
function coalesced(action) {
  let busy = false;
  let again = false;
  return async function call() {
    if (busy) { again = true; return; }
    busy = true;
    try { await action(); } catch { /* the server is away: the stream says so */ }
    busy = false;
    if (again) { again = false; call(); }
  };
}

/** Fetch this page again and put its content in place of the old. */
const refresh = coalesced(async () => {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main");
  main.dataset.shown = fresh.dataset.shown;
  main.replaceChildren(...fresh.childNodes);
  decorate();
});

const redraw = coalesced(async () => {
  for (const place of document.querySelectorAll("[data-curves]")) {
    const answer = await fetch(place.dataset.curves);
    if (answer.ok) place.innerHTML = await answer.text();
  }
});

let quarter = 0;

/** Say aloud each quarter of the way, not every step. */
function announce(job) {
  const reached = Math.floor(job.progress * 4);
  if (reached > quarter && reached < 4) announcement.textContent = `${reached * 25} percent`;
  quarter = reached;
}

/** Keep the page of one job true, until the job ends. */
function watchOne(source) {
  source.addEventListener("progress", (event) => {
    const job = news(event);
    show(job);
    announce(job);
  });
  source.addEventListener("score", redraw);
  source.addEventListener("done", (event) => {
    source.close();
    announcement.textContent = `The job is ${news(event).status.toLowerCase()}.`;
    refresh();
  });
}

/** Keep a list true: jobs move in place; one that began or ended since the page was made renews the list. */
function watchAll(source) {
  source.addEventListener("progress", (event) => {
    if (!show(news(event)) && main.dataset.jobs) refresh();
  });
  source.addEventListener("done", (event) => {
    if (news(event).ended >= main.dataset.shown * 1000) refresh();
  });
}

function watch(address) {
  const source = new EventSource(address);
  if (main.dataset.job) watchOne(source); else watchAll(source);
  let lost;
  source.addEventListener("error", () => {
    lost ??= setTimeout(() => document.body.classList.add("lost"), 2000);
  });
  source.addEventListener("open", () => {
    clearTimeout(lost);
    lost = undefined;
    document.body.classList.remove("lost");
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

function decorate() {
  for (const block of document.querySelectorAll(".begin pre")) {
    const button = document.createElement("button");
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    block.after(button);
  }
  for (const log of document.querySelectorAll("[data-tail]")) log.scrollTop = log.scrollHeight;
}

decorate();
if (main.dataset.events) watch(main.dataset.events);
