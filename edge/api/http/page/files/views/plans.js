// Plans: timers, alarm clocks and reminders, lists, rules.

import { get, post } from "/page/shell/api.js";
import { choice, confirmed, el, field, problem } from "/page/shell/dom.js";
import { ago, clock, moment, span } from "/page/views/format.js";
import { settled } from "/page/views/house-controls.js";

const KINDS = { timer: "Timer", alarm: "Alarm clock", reminder: "Reminder", call: "Later" };

export async function show(root, page) {
  let told = null;
  let at = 0;
  const trouble = el("div");
  const entries = el("div");
  const lists = el("div.stack.wide");
  const rules = el("div");
  const scenes = el("div");
  const memory = el("div.stack");
  const people = el("section.part");
  root.append(el("h1", "Plans"), trouble, el("div.columns",
    el("div.stack.wide",
      el("section.part", el("h2", "Timers and reminders"), entries, adder()),
      el("section.part", el("h2", "Rules"), rules),
      people),
    el("div.stack.wide",
      el("section.part", el("h2", "Lists"), lists),
      el("section.part", el("h2", "Scenes"), scenes),
      el("section.part", el("h2", "What it was told to remember"), memory))));

  async function doing(work) {
    trouble.replaceChildren();
    try {
      draw(await work());
      return true;
    } catch (error) {
      if (error.name !== "AbortError") trouble.replaceChildren(problem(error));
      return false;
    }
  }
  const load = () => doing(() => get("/page/plans", { signal: page.signal }));
  const send = (path, body) => doing(() => post(path, body));

  function draw(found) {
    told = found;
    at = performance.now();
    const here = document.activeElement?.closest("[data-keep]")?.dataset.keep;
    entries.replaceChildren(found.clock_trusted ? "" : el("p.notice", "The time of day is not known here yet. What counts down runs; the rest waits."),
      found.entries.length ? el("ul.rows", found.entries.map(entry)) : el("p.quiet", "Nothing is set."));
    lists.replaceChildren(...found.lists.map(list), newList());
    rules.replaceChildren(...found.rule_problems.map((one) => el("p.problem", one)),
      found.rules.length ? el("ul.rows", found.rules.map(rule))
        : el("p.quiet", "There are no rules. Say “when the front door opens after dark, turn on the hall light”, for one."));
    scenes.replaceChildren(found.scenes.length ? el("ul.rows", found.scenes.map(scene)) : el("p.quiet", "There are no scenes. Set the lamps as you like them and say “save this as movie night”."));
    drawMemory(found);
    drawPeople(found.people);
    if (here) root.querySelector(`[data-keep="${CSS.escape(here)}"]`)?.focus();
  }

  function entry(one) {
    const counts = one.counts || one.status === "paused";
    const when = el("span.big.number", { dataset: { entry: one.id } }, left(one));
    const details = [KINDS[one.kind], one.area, one.again ? "comes back" : null, one.due && one.status === "running" ? moment(one.due) : null,
      one.status === "paused" ? "paused" : null, one.status === "ringing" ? "ringing" : null].filter(Boolean).join(" · ");
    const button = (text, body, kind = "") => el(`button${kind}`, { type: "button", "aria-label": `${text}: ${one.title}`, dataset: { keep: `${one.id}-${text}` }, onclick: () => send("/page/plans/entry", { id: one.id, ...body }) }, text);
    return el("li.split", el("div", when, el("p", one.title), el("p.quiet", details)), el("div.buttons",
      counts && one.status === "running" ? button("Pause", { do: "pause" }) : null,
      one.status === "paused" ? button("Go on", { do: "resume" }) : null,
      counts ? button("+1 min", { do: "extend", add_s: 60 }) : null,
      button(one.status === "ringing" ? "Stop" : "Cancel", { do: "cancel" }, ".danger")));
  }

  function left(one) {
    if (one.status === "ringing") return "now";
    const passed = one.status === "running" ? (performance.now() - at) / 1000 : 0;
    const seconds = one.remaining_s - passed;
    return seconds < 86400 ? clock(seconds) : span(seconds);
  }

  function adder() {
    const kind = choice([["timer", "Timer"], ["alarm", "Alarm clock"], ["reminder", "Reminder"]], "timer", { onchange: () => changed() });
    const hours = el("input", { type: "number", min: 0, max: 720, value: 0 });
    const minutes = el("input", { type: "number", min: 0, max: 59, value: 10 });
    const when = el("input", { type: "datetime-local" });
    const label = el("input", { type: "text", maxlength: 200, autocomplete: "off" });
    const lengths = el("div.pair", field("Hours", hours), field("Minutes", minutes));
    const at_ = field("At", when);
    const what = field("What for", label);
    const changed = () => {
      lengths.hidden = kind.value !== "timer";
      at_.hidden = kind.value === "timer";
      label.required = kind.value === "reminder";
      when.required = kind.value !== "timer";
    };
    changed();
    return el("details", el("summary", "Set another one"), el("form.inline-form", {
      onsubmit: async (event) => {
        event.preventDefault();
        const body = { kind: kind.value, label: label.value };
        if (kind.value === "timer") body.in_s = Number(hours.value) * 3600 + Number(minutes.value) * 60;
        else body.at = new Date(when.value).getTime() / 1000;
        if (await send("/page/plans/add", body)) label.value = "";
      },
    }, field("Kind", kind), lengths, at_, what, el("button.primary", { type: "submit" }, "Set")));
  }

  function list(one) {
    const text = el("input", { type: "text", maxlength: 200, required: true, autocomplete: "off", "aria-label": `Add to ${one.name}`, placeholder: "Add something", dataset: { keep: `add-${one.name}` } });
    const done = one.items.filter((item) => item.done).length;
    return el("section.card.stack", { "aria-label": one.name }, el("p.split", el("h3", one.name),
      done ? el("button.plain", { type: "button", onclick: () => send("/page/plans/list-clear", { list: one.name }) }, `Remove ${done} done`) : ""),
    el("ul.items", one.items.map((item) => {
      const box = el("input", { type: "checkbox", checked: item.done, dataset: { keep: item.id }, onchange: () => send("/page/plans/item", { id: item.id, do: item.done ? "open" : "done" }) });
      return el(`li${item.done ? ".done" : ""}`, el("label.check", box, el("span", item.text)),
        el("button.plain", { type: "button", "aria-label": `Take ${item.text} off ${one.name}`, onclick: () => send("/page/plans/item", { id: item.id, do: "remove" }) }, "×"));
    })),
    el("form.adding", {
      onsubmit: (event) => { event.preventDefault(); send("/page/plans/item-add", { list: one.name, text: text.value }); },
    }, text, el("button", { type: "submit" }, "Add")));
  }

  function newList() {
    const name = el("input", { type: "text", maxlength: 80, required: true, autocomplete: "off", value: told.lists.length ? "" : "shopping" });
    const text = el("input", { type: "text", maxlength: 200, required: true, autocomplete: "off" });
    return el("details", { open: !told.lists.length }, el("summary", "Another list"), el("form.inline-form", {
      onsubmit: (event) => { event.preventDefault(); send("/page/plans/item-add", { list: name.value, text: text.value }); },
    }, field("Its name", name), field("The first thing on it", text), el("button.primary", { type: "submit" }, "Begin")));
  }

  function rule(one) {
    const box = el("input", { type: "checkbox", role: "switch", checked: one.enabled, dataset: { keep: `rule-${one.id}` }, onchange: () => send("/page/plans/rule", { id: one.id, do: one.enabled ? "disable" : "enable" }) });
    return el("li.split", el("label.check.rule", box, el("span", one.text[0].toUpperCase() + one.text.slice(1), one.said ? el("span.quiet.said", `“${one.said}”`) : "")),
      el("button.danger", {
        type: "button", "aria-label": `Delete the rule: ${one.text}`, onclick: async () => {
          if (await confirmed(`Delete this rule? ${one.text}`, "Delete")) send("/page/plans/rule", { id: one.id, do: "delete" });
        },
      }, "Delete"));
  }

  function scene(one) {
    const told = el("p.quiet", { role: "status" });
    return el("li.split", el("div", el("p", one.name), el("p.quiet", one.text), told), el("div.buttons",
      el("button", {
        type: "button", "aria-label": `Play ${one.name}`, onclick: async () => {
          try {
            told.textContent = (await settled(await post("/page/house/act", { device: one.device, function: "scene.turn_on" }))).text;
          } catch (error) {
            told.replaceChildren(problem(error));
          }
        },
      }, "Play"),
      el("button.danger", {
        type: "button", "aria-label": `Delete ${one.name}`, onclick: async () => {
          if (await confirmed(`Delete the scene ${one.name}?`, "Delete")) send("/page/plans/scene-delete", { id: one.id });
        },
      }, "Delete")));
  }

  function drawMemory(found) {
    const text = el("input", { type: "text", maxlength: 500, required: true, autocomplete: "off", "aria-label": "Something to remember", placeholder: "The boiler man comes on Tuesday", dataset: { keep: "remember" } });
    const forget = (label, body) => el("button.plain", { type: "button", "aria-label": `Forget: ${label}`, onclick: () => send("/page/plans/forget", body) }, "Forget");
    const entry = (one) => el("li.split", el("span", one.text ?? "Something secret", el("span.quiet", ` ${ago(one.at)}`)), forget(one.text ?? "something secret", { id: one.id }));
    const group = (title, rows) => (rows.length ? el("div", el("h3", title), el("ul.rows", rows)) : "");
    memory.replaceChildren(group("Facts", found.facts.map(entry)), group("Notes", found.notes.map(entry)),
      group("Other names", found.names.map((one) => el("li.split", el("span", one.name, el("span.quiet", ` is ${one.of}`)), forget(one.name, { id: one.id, thing: one.thing, name: one.name })))),
      el("form.adding", { onsubmit: (event) => { event.preventDefault(); send("/page/plans/remember", { text: text.value }); } }, text, el("button", { type: "submit" }, "Note")));
  }

  function drawPeople(now) {
    people.hidden = !now;
    if (!now) return;
    const row = (what, name, on, until, hint) => {
      const box = el("input", { type: "checkbox", role: "switch", checked: on, dataset: { keep: what }, onchange: () => send("/page/plans/people", { what, on: box.checked }) });
      return el("li", el("label.check.rule", box, el("span", name, until ? el("span.quiet", `, until ${moment(new Date(until).getTime() / 1000)}`) : "", el("span.quiet.said", hint))));
    };
    people.replaceChildren(el("h2", "The house now"), el("ul.rows",
      row("guests", "Visitors are here", now.guests, now.until, "They may do what harms nobody; the rest asks for you."),
      row("quiet", "Be quiet", Boolean(now.quiet_until), now.quiet_until, "Until the morning: announcements wait, replies are quiet.")));
  }

  await load();
  page.follow({ plans: () => load() }, load);
  const timer = setInterval(() => {
    for (const one of told?.entries ?? []) {
      const shown = root.querySelector(`[data-entry="${CSS.escape(one.id)}"]`);
      if (shown && one.status === "running") shown.textContent = left(one);
    }
  }, 1000);
  page.leave(() => clearInterval(timer));
}
