// Health: what doctor found, how the machine does, the log; updates, backups, restoring.

import { get, post, upload } from "/page/shell/api.js";
import { choice, confirmed, el, field, problem } from "/page/shell/dom.js";
import { ago, bytes, exact, figure, hours, span } from "/page/views/format.js";
import { backupsPart } from "/page/views/backups.js";
import { jobBoard } from "/page/views/jobs.js";

const ORDER = { problem: 0, note: 1, ok: 2 };
const SIGNS = { problem: ["bad", "Problem"], note: ["warn", "Could be better"], ok: ["good", "Fine"] };
const MOST_SHOWN = 600;

export async function show(root, page) {
  const trouble = el("div");
  const doctor = el("section.part");
  const machine = el("section.part");
  // What is being read or verified is told where it was sent; drawing that anew would lose it.
  const board = jobBoard(["backup", "restore", "update"], page, (job) => (job.kind === "restore" && job.state === "done" ? backups.restored() : backups.load()));
  const backups = backupsPart(page, board.take);
  const updates = el("section.part");
  let found = null;
  let waiting = "";

  const doing = async (work, where = trouble) => {
    where.replaceChildren();
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") where.replaceChildren(problem(error));
    }
  };

  async function load() {
    found = await get("/page/health", { signal: page.signal });
    drawDoctor(found.doctor);
    drawMachine();
    drawUpdates();
    await Promise.all([board.load(found.jobs), backups.load()]);
  }

  function drawDoctor(told) {
    const findings = [...(told?.findings ?? [])].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
    const wrong = findings.filter((one) => one.severity !== "ok");
    const fine = findings.filter((one) => one.severity === "ok");
    const look = el("button", { type: "button", disabled: Boolean(waiting), onclick: () => examine(false) }, waiting ? "Looking …" : "Look again");
    const deep = el("button.plain", { type: "button", disabled: Boolean(waiting), onclick: () => examine(true) }, "Measure everything");
    doctor.replaceChildren(el("div.head", el("h2", "Doctor"), el("div.buttons", deep, look)),
      el("p.quiet", { role: "status" }, waiting ? `Looking at everything; that takes some ${waiting === "deep" ? "minutes" : "seconds"}.` : told?.trouble || (told ? `Looked ${ago(told.at)}, in ${figure(told.took_s)} s.` : "Nothing was looked at yet since the start.")),
      ...found.problems.map((one) => el("p.problem", one)),
      told && !wrong.length && !told.trouble ? el("p.good", "Everything is as it should be.") : "",
      el("ul.findings.rows", wrong.map(finding)),
      fine.length ? el("details", el("summary", `${fine.length} things are fine`), el("ul.rows", fine.map(finding))) : "");
  }

  function finding(one) {
    const [kind, word] = SIGNS[one.severity];
    return el("li.finding", { dataset: { check: one.check } }, el("p", el(`strong.${kind}`, word), el("span.quiet", ` ${one.check}`)), el("p", one.text),
      one.remedy ? el("p.remedy", "→ ", one.remedy) : "", one.evidence ? el("p.quiet.mono", one.evidence) : "",
      one.check === "backup" && one.severity !== "ok" ? el("p", el("button", { type: "button", onclick: () => backups.show() }, "Make one here")) : "",
      one.offer && one.severity !== "ok" ? el("p", el("button", {
        type: "button", onclick: (event) => doing(async () => {
          if (!await confirmed(`${one.offer[0].toUpperCase()}${one.offer.slice(1)}?`, "Do it")) return;
          event.target.disabled = true;
          const { text } = await post("/page/health/fix", one.fix, { signal: page.signal });
          page.say(text);
          await examine(false);
        }),
      }, "Mend it")) : "");
  }

  async function examine(deep) {
    waiting = deep ? "deep" : "usual";
    drawDoctor(found.doctor);
    try {
      const told = await post("/page/health/doctor", { deep }, { signal: page.signal });
      found.doctor = told; // not before: what is found may be another by then
    } catch (error) {
      if (error.name === "AbortError") return;
      trouble.replaceChildren(problem(error));
    }
    waiting = "";
    drawDoctor(found.doctor);
    page.say("Doctor has looked");
  }

  function drawMachine() {
    const { vitals, disk, writes } = found;
    const temperatures = Object.entries(vitals.temperatures);
    const memory = vitals.memory;
    machine.replaceChildren(el("div.head", el("h2", "This machine"), el("button.danger", {
      type: "button", onclick: async () => {
        if (await confirmed("Restart the service? It is away for some seconds; timers and rules go on afterwards.", "Restart")) doing(restart);
      },
    }, "Restart the service")),
    el("div.vitals", ...[
      ["Temperature", temperatures.length ? `${Math.round(Math.max(...temperatures.map(([, value]) => value)))} °C` : "not known", found.slowed.length ? `held back: ${found.slowed.join(", ")}` : temperatures.map(([name, value]) => `${name} ${value} °C`).join(", ")],
      ["Memory free", bytes(memory.available_bytes), `of ${bytes(memory.total_bytes)}; the service takes ${bytes(memory.resident_bytes)}${found.model_bytes ? `, its model ${bytes(found.model_bytes)}` : ""}`],
      ["Disk free", bytes(disk.free), `of ${bytes(disk.total)}`],
      ["Written a day", writes.written_bytes_per_day === undefined ? (writes.disk ? "not known yet" : "not known") : bytes(writes.written_bytes_per_day), writes.written_by_us_bytes_per_day === undefined ? "what wears a card out" : `${bytes(writes.written_by_us_bytes_per_day)} of it by the service`],
      ["Load", vitals.load.map(figure).join(" · "), "over 1, 5 and 15 minutes"],
      ["Running", span(vitals.uptime_s), `edge ${found.version} on ${found.node}${found.clock_trusted ? "" : "; the time is not known"}`],
    ].map(([name, value, more]) => el("div.card.vital", el("p.quiet", name), el("p.big.number", value), el("p.quiet", more)))));
  }

  async function restart() {
    await post("/page/health/restart");
    trouble.replaceChildren(el("p.notice", { role: "status" }, "Starting again …"));
    await returned();
    trouble.replaceChildren();
    await load();
  }

  function drawUpdates() {
    const { update } = found;
    const file = el("input", { type: "file", accept: ".bundle", required: true });
    const told = el("div.stack");
    const last = update.last;
    updates.replaceChildren(el("h2", "Update"), el("dl.facts", el("dt", "Running"), el("dd", update.running ?? `edge ${found.version}, installed by hand`),
      update.fallback ? [el("dt", "Before it"), el("dd", update.fallback)] : "",
      update.step ? [el("dt", "Under way"), el("dd", `${update.step} ${update.target}`)] : update.waiting ? [el("dt", "Under way"), el("dd", "about to be applied")] : "",
      last ? [el("dt", "Last"), el("dd", `${last.version} ${last.end} on ${last.at}${last.reason ? `: ${last.reason}` : ""}`)] : ""),
    el("form.inline-form", {
      onsubmit: (event) => {
        event.preventDefault();
        doing(async () => {
          told.replaceChildren(el("p.quiet", { role: "status" }, "Sending it and verifying its signature …"));
          const offered = await upload("/page/health/update", file.files[0], { signal: page.signal });
          told.replaceChildren(el("p", `edge ${offered.version}, signed with ${offered.signed_by}`), offered.notes ? el("p.quiet", offered.notes) : "",
            offered.why_not ? el("p.notice", offered.why_not) : el("p.buttons", el("button.primary", {
              type: "button", onclick: () => doing(async () => {
                const begun = await post("/page/health/update/apply");
                if (begun.id) board.take(begun);
                told.replaceChildren(el("p.notice", "It is being applied. Where it does not work, the release that runs now comes back by itself."));
              }, told),
            }, "Apply it"), el("button", { type: "button", onclick: () => doing(async () => { await post("/page/health/update/discard"); told.replaceChildren(); }, told) }, "Throw it away")));
        }, told);
      },
    }, field("A bundle", file, "A file that ends in .bundle. Nothing of it is believed before its signature is."), el("button", { type: "submit" }, "Send and verify it")), told);
  }

  root.append(el("h1", "Health"), trouble, board.root, doctor, machine, el("div.columns", updates, backups.root));
  const log = logView(page);
  root.append(log.root);
  await load();
  page.follow({ jobs: board.take, log: log.take }, async () => {
    const fresh = await get("/page/health", { signal: page.signal });
    // Doctor may have looked while that was on its way.
    if ((found.doctor?.at ?? 0) > (fresh.doctor?.at ?? 0)) fresh.doctor = found.doctor;
    found = fresh;
    drawDoctor(found.doctor);
    drawMachine();
    await board.load(found.jobs);
  });
  await Promise.all([log.load(), found.doctor ? null : examine(false)]);
}

/** Resolves once the service answers again. */
export async function returned(within = 60000) {
  const until = Date.now() + within;
  await new Promise((then) => setTimeout(then, 1500));
  while (Date.now() < until) {
    try {
      const response = await fetch("/page/session", { cache: "no-store" });
      if (response.ok) return;
    } catch {
      // not yet
    }
    await new Promise((then) => setTimeout(then, 700));
  }
  throw new Error("It does not answer yet: look again in a minute, or at the machine itself.");
}

function logView(page) {
  const level = choice([["info", "everything"], ["warning", "warnings and errors"], ["error", "errors"]], "info", { "aria-label": "Which lines", onchange: () => load() });
  const text = el("input", { type: "search", placeholder: "with these words", "aria-label": "Lines with these words" });
  const live = el("input", { type: "checkbox", checked: true });
  const list = el("ol.log", { tabindex: 0, "aria-label": "Lines of the log" });
  const why = el("p.quiet");
  const root = el("section.part", el("h2", "Log"), el("form.log-form", {
    onsubmit: (event) => { event.preventDefault(); load(); },
  }, level, text, el("button", { type: "submit" }, "Show"), el("label.check", live, "go on with what comes")), why, list);
  const levels = { debug: 0, info: 1, warning: 2, error: 3, critical: 4 };

  async function load() {
    try {
      const query = new URLSearchParams({ level: level.value, text: text.value });
      const told = await get(`/page/log?${query}`, { signal: page.signal });
      why.textContent = told.why;
      list.replaceChildren(...told.lines.map(line));
      if (!told.lines.length) list.replaceChildren(el("li.quiet", "No such line."));
      list.scrollTop = list.scrollHeight;
    } catch (error) {
      if (error.name !== "AbortError") list.replaceChildren(el("li", problem(error)));
    }
  }

  function take(one) {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const said = `${one.event} ${Object.entries(one.facts).map(([key, value]) => `${key}=${value}`).join(" ")}`.toLowerCase();
    if (!live.checked || levels[one.level] < levels[level.value] || !words.every((word) => said.includes(word))) return;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.append(line(one));
    while (list.children.length > MOST_SHOWN) list.firstChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
  }

  function line(one) {
    const facts = Object.entries(one.facts).filter(([key]) => key !== "traceback");
    return el(`li.${one.level}`, el("time", one.time === null ? "" : { title: exact(one.time), datetime: new Date(one.time * 1000).toISOString() }, one.time === null ? "" : hours(one.time)),
      el("span.event", one.level === "info" ? "" : el("b", one.level, " "), one.event, ...facts.flatMap(([key, value]) => [" ", el("span.fact", `${key}=`), value]),
        one.facts.traceback ? el("pre", one.facts.traceback) : ""));
  }
  return { root, load, take };
}
