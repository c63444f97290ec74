// Keeps a page true while it is open. Pages work without it; it saves the reload.
//
// <main data-events="URL"> names the server's event stream: `progress` and `done`, each with the protocol's
// JobV3, and `score`. <main data-job> is the page of one job; any [data-job] follows that job by its
// [data-part]s; [data-curves] is a drawing to fetch anew; data-shown is when the page was made. A field with
// [data-completed-by] asks there for what its text can become.

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
  for (const name of Object.keys(main.dataset)) delete main.dataset[name];
  Object.assign(main.dataset, fresh.dataset);
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
function followOne(stream) {
  stream.addEventListener("progress", (event) => {
    const job = news(event);
    show(job);
    announce(job);
  });
  stream.addEventListener("score", redraw);
  stream.addEventListener("done", (event) => {
    unwatch();
    announcement.textContent = `The job is ${news(event).status.toLowerCase()}.`;
    refresh();
  });
}

/** Keep a list true: jobs move in place; one that began or ended since the page was made renews the list. */
function followAll(stream) {
  stream.addEventListener("progress", (event) => {
    if (!show(news(event)) && main.dataset.jobs) refresh();
  });
  stream.addEventListener("done", (event) => {
    if (news(event).ended >= main.dataset.shown * 1000) refresh();
  });
}

let source = null;
let lost;

function watch() {
  if (source || document.hidden || !main.dataset.events) return;
  source = new EventSource(main.dataset.events);
  if (main.dataset.job) followOne(source); else followAll(source);
  source.addEventListener("error", () => {
    lost ??= setTimeout(() => document.body.classList.add("lost"), 2000);
  });
  source.addEventListener("open", found);
}

function unwatch() {
  source?.close();
  source = null;
  found();
}

function found() {
  clearTimeout(lost);
  lost = undefined;
  document.body.classList.remove("lost");
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
  for (const field of document.querySelectorAll("[data-completed-by]")) {
    field.addEventListener("input", coalesced(() => complete(field)));
  }
}

/** Offer what the text of a field can be completed to. */
async function complete(field) {
  const query = new URLSearchParams({ src: field.value, limit: 50 });
  const answer = await fetch(`${field.dataset.completedBy}?${query}`);
  if (!answer.ok) return;
  const { matches } = await answer.json();
  field.list.replaceChildren(...matches.map((path) => new Option(path, path)));
}

decorate();
watch();
addEventListener("pagehide", unwatch);
addEventListener("pageshow", watch);
// A browser opens only a few connections to one server: tabs that nobody sees leave them to others.
document.addEventListener("visibilitychange", async () => {
  if (document.hidden) {
    unwatch();
  } else if (main.dataset.events) {
    await refresh();
    watch();
  }
});
