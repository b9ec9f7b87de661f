// Long work that the service has begun for a page: how far it is, and a way to call it off.

import { get, post } from "/page/shell/api.js";
import { el } from "/page/shell/dom.js";

/** Shows work of these kinds. `ended(job)` is called when one has ended. Returns {root, take, load}. */
export function jobBoard(kinds, page, ended = () => {}) {
  const root = el("div.stack", { "aria-live": "polite" });
  const shown = new Map();

  function take(job) {
    if (!kinds.includes(job.kind)) return;
    const before = shown.get(job.id);
    if (!before && job.state !== "running") return;
    const card = before?.card ?? el("div.card.job");
    if (!before) root.prepend(card);
    shown.set(job.id, { card, state: job.state });
    const running = job.state === "running";
    card.replaceChildren(el("p.split", el("span", el("strong", job.title), running ? "" : `: ${job.state}`),
      running ? el("button", { type: "button", onclick: () => post("/page/jobs/call-off", { id: job.id }) }, "Call it off")
        : el("button", { type: "button", onclick: () => { card.remove(); } }, "Close")));
    if (running) card.append(el("progress", { max: 1, "aria-label": job.title, ...(job.share === null ? {} : { value: job.share }) }), el("p.quiet.number", job.what || "just begun"));
    if (job.error) card.append(el("p.problem", job.error));
    if (before?.state === "running" && !running) {
      page.say(`${job.title}: ${job.state}`);
      ended(job);
    }
  }

  async function load(jobs) {
    const found = jobs ?? (await get("/page/jobs", { signal: page.signal })).jobs;
    for (const [id, { state }] of shown) {
      if (state === "running" && !found.some((job) => job.id === id)) shown.get(id).card.remove();
    }
    found.forEach(take);
  }
  return { root, take, load };
}
