// Backups: made, fetched, looked into, and put back, which ends with the service starting again.

import { get, post, upload } from "/page/shell/api.js";
import { confirmed, el, field, problem } from "/page/shell/dom.js";
import { ago, bytes, exact } from "/page/views/format.js";

const NAME = /^edge-(.+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.backup$/;
const TOLD_FOR_S = 7 * 86400;
const START_MS = 180000;

const seconds = (text) => new Date(text).getTime() / 1000;

/** "21 Nov 2026, 13:04" of a file's name. */
function made(name) {
  const [, , ...at] = NAME.exec(name);
  const [year, month, day, hour, minute, second] = at.map(Number);
  return exact(Date.UTC(year, month - 1, day, hour, minute, second) / 1000);
}

/** `begun(job)` is told of work. Returns {root, load, restored, show}; `restored`: what follows once one is staged. */
export function backupsPart(page, begun) {
  const root = el("section.part");
  const trouble = el("div");
  let found = null;

  const doing = async (work, where = trouble) => {
    where.replaceChildren();
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") where.replaceChildren(problem(error));
    }
  };

  async function load() {
    found = await get("/page/health/backups", { signal: page.signal });
    draw();
  }

  function draw() {
    const last = found.last;
    const desk = el("div.stack");
    root.replaceChildren(el("h2", "Backup"), outcome(found.restore.last), waiting(), trouble,
      el("p", last ? `The last one was made ${ago(seconds(last.at))}.` : "None was ever made. Cards wear out: fetch one now and then, and keep it elsewhere."),
      making(), el("ul.rows", found.backups.map((one) => row(one, desk))), desk, sending(desk));
  }

  function outcome(told) {
    if (!told || Date.now() / 1000 - seconds(told.at) > TOLD_FOR_S) return "";
    if (!told.ok) return el("p.problem", `Restoring failed ${ago(seconds(told.at))}, and everything is as it was: ${told.error}`);
    const more = [...told.problems.map((one) => `Of no use here: ${one}`), ...told.left_out.map((one) => `Was not in it: ${one}`), ...told.models.map((one) => `Install again: ${one}`)];
    return el("div.notice.restored", el("p", `Restored ${ago(seconds(told.at))}: ${told.files} files of “${told.node}”, from ${exact(seconds(told.made))}.`),
      el("p.quiet", `What was here before is kept below, as ${told.kept}.`),
      more.length ? el("details", el("summary", `${more.length} ${more.length === 1 ? "thing" : "things"} to know`), el("ul.rows", more.map((one) => el("li", one)))) : "");
  }

  function waiting() {
    if (!found.restore.waiting) return "";
    return el("div.notice", el("p", "A backup waits: it is put in place when the service starts next."), el("p.buttons",
      el("button", { type: "button", onclick: () => doing(async () => { await post("/page/health/restart"); await restored(); }) }, "Start again now"),
      el("button", { type: "button", onclick: () => doing(async () => { await post("/page/health/restore/discard"); await load(); }) }, "Leave it")));
  }

  function making() {
    const passphrase = el("input", { type: "password", autocomplete: "new-password", maxlength: 1000 });
    const history = el("input", { type: "checkbox", checked: true });
    const told = el("div");
    return el("form.inline-form", {
      onsubmit: (event) => {
        event.preventDefault();
        doing(async () => begun(await post("/page/health/backup", { passphrase: passphrase.value, history: history.checked })), told);
      },
    }, field("Passphrase", passphrase, "With one, passwords and tokens are in it; without, it is not encrypted and they are left out."),
    el("label.check", history, "with what sensors said"), el("button.primary", { type: "submit" }, "Make a backup"), told);
  }

  function row(one, desk) {
    return el("li.split", el("span", made(one.name), el("span.quiet", ` ${NAME.exec(one.name)[1]} · ${bytes(one.bytes)}${one.encrypted ? " · encrypted" : ""}`)), el("div.buttons",
      el("a.button", { href: `/page/health/backup/file?name=${encodeURIComponent(one.name)}`, download: one.name }, "Fetch"),
      el("button", { type: "button", "aria-label": `Restore ${one.name}`, onclick: () => look(desk, one) }, "Restore …"),
      el("button.danger", {
        type: "button", "aria-label": `Remove ${one.name}`, onclick: () => doing(async () => {
          if (!await confirmed(`Remove the backup of ${made(one.name)}? It can't be had back.`, "Remove")) return;
          await post("/page/health/backup/remove", { name: one.name });
          await load();
        }),
      }, "Remove")));
  }

  function sending(desk) {
    const file = el("input", { type: "file", accept: ".backup", required: true });
    const told = el("div");
    return el("details", { open: found.sent !== null }, el("summary", "Restore one that you keep elsewhere"), el("form.inline-form", {
      onsubmit: (event) => {
        event.preventDefault();
        doing(async () => {
          told.replaceChildren(el("p.quiet", { role: "status" }, "Sending it …"));
          const sent = await upload("/page/health/restore", file.files[0], { signal: page.signal });
          told.replaceChildren();
          look(desk, { name: "", title: file.files[0].name, ...sent });
        }, told);
      },
    }, field("A backup", file, "A file that ends in .backup."), el("button", { type: "submit" }, "Send it")), told);
  }

  /** What is in one, and then whether it is to be put in place. */
  function look(desk, one) {
    const passphrase = el("input", { type: "password", autocomplete: "off", maxlength: 1000 });
    const told = el("div.stack");
    const leave = async () => {
      desk.replaceChildren();
      if (!one.name) await post("/page/health/restore/discard");
    };
    const form = el("form.card.inline-form.restoring", {
      onsubmit: (event) => {
        event.preventDefault();
        doing(async () => {
          told.replaceChildren(el("p.quiet", { role: "status" }, "Reading and verifying all of it …"));
          const read = await post("/page/health/restore/check", { name: one.name, passphrase: passphrase.value }, { signal: page.signal });
          offer(told, one, passphrase.value, read);
        }, told);
      },
    }, el("h3", `Restore ${one.name ? `the backup of ${made(one.name)}` : one.title}`), one.encrypted ? field("Its passphrase", passphrase) : "",
    el("p.buttons", el("button", { type: "submit" }, "See what is in it"), el("button", { type: "button", onclick: () => doing(leave) }, "Leave it")), told);
    desk.replaceChildren(form);
    (one.encrypted ? passphrase : form.querySelector("button")).focus();
  }

  function offer(told, one, passphrase, read) {
    const left = read.left_out;
    const why = el("div");
    told.replaceChildren(el("p.good", `Whole and readable: ${read.files} files of “${read.node}”, ${bytes(read.bytes)}, made by edge ${read.version} on ${exact(seconds(read.made))}.`),
      left.length ? el("details", el("summary", `${left.length} ${left.length === 1 ? "thing is" : "things are"} not in it`), el("ul.rows", left.map((text) => el("li.quiet", text)))) : "",
      el("p", `Settings, timers, lists, rules and what sensors said become those of then${read.encrypted ? ", and so does the password of this page" : ""}. What is here now is kept as a backup${read.encrypted ? " with the same passphrase" : ""}. The service starts again once, which takes some seconds.`),
      el("p", el("button.primary", {
        type: "button", onclick: () => doing(async () => {
          if (!await confirmed(`Put the backup of “${read.node}” from ${exact(seconds(read.made))} in the place of what is here, and start again?`, "Restore it")) return;
          begun(await post("/page/health/restore/apply", { name: one.name, passphrase }));
          told.replaceChildren(el("p.notice", { role: "status" }, "It is being prepared; nothing changes before the service starts again."));
        }, why),
      }, "Restore it …")), why);
  }

  /** Resolves once the service has started again with it. */
  async function restored() {
    root.replaceChildren(el("h2", "Backup"), el("p.notice", { role: "status" }, "Restoring, and starting again …"));
    const until = Date.now() + START_MS;
    while (Date.now() < until && !page.signal.aborted) {
      await new Promise((then) => setTimeout(then, 700));
      try {
        if ((await get("/page/health/backups", { signal: page.signal })).restore.waiting) continue;
        await load();
        page.say("Restoring has ended");
        return;
      } catch (error) {
        if (error.status === 401 || error.name === "AbortError") return;
      }
    }
    root.replaceChildren(el("h2", "Backup"), problem("It does not answer yet: look again in a minute, or at the machine itself."));
  }

  /** Lead there from elsewhere on the page. */
  function show() {
    root.scrollIntoView({ block: "start" });
    root.querySelector("input")?.focus({ preventScroll: true });
  }
  return { root, load, restored, show };
}
