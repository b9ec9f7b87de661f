// Sensors: what is wrong, what each said last, and the course of one over any time.

import { get, post } from "/page/shell/api.js";
import { choice, el, field, problem } from "/page/shell/dom.js";
import { numberChart, stateChart } from "/page/views/chart.js";
import { ago, exact, local, moment, reading, span, worded } from "/page/views/format.js";

const RANGES = [[3600, "1 hour"], [86400, "1 day"], [7 * 86400, "1 week"], [30 * 86400, "1 month"], [366 * 86400, "1 year"]];
const MUTES = [["3600", "for an hour"], ["28800", "for 8 hours"], ["86400", "for a day"], ["604800", "for a week"]];

export async function show(root, page) {
  if (page.path[0]) await one(root, page, page.path[0]);
  else await all(root, page);
}

const link = (key) => `#/sensors/${encodeURIComponent(key)}`;

// All of them -----------------------------------------------------------------------------------------------------

async function all(root, page) {
  const [found, alarms] = await Promise.all([
    get("/page/sensors", { signal: page.signal }),
    get("/page/alarms", { signal: page.signal }),
  ]);
  const told = el("section", { "aria-label": "Alarms" });
  const cells = new Map();
  const search = el("input", { type: "search", placeholder: "Find a sensor", "aria-label": "Find a sensor", oninput: () => filter() });
  const list = el("div.columns");
  const none = el("p.quiet", { hidden: true }, "Nothing is called so.");

  const areas = new Map();
  for (const sensor of found.sensors) {
    const name = found.areas[sensor.area] ?? (sensor.area || "Elsewhere");
    if (!areas.has(name)) areas.set(name, []);
    areas.get(name).push(sensor);
  }
  for (const [name, sensors] of [...areas].sort((a, b) => (a[0] === "Elsewhere") - (b[0] === "Elsewhere") || a[0].localeCompare(b[0]))) {
    sensors.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
    list.append(el("section.group", el("h2", name), el("ul.sensors", sensors.map((sensor) => {
      const value = el("span.value.number");
      const when = el("span.when");
      const row = el("li", { dataset: { words: `${sensor.name} ${sensor.key} ${name}`.toLowerCase() } },
        el("a", { href: link(sensor.key) }, el("span.name", sensor.name), value, when));
      cells.set(sensor.key, { sensor, value, when });
      fill(sensor.key, sensor.last);
      return row;
    }))));
  }

  function fill(key, last) {
    const cell = cells.get(key);
    if (!cell) return;
    if (!last) {
      cell.when.textContent = "nothing yet";
      return;
    }
    cell.sensor.last = last;
    cell.value.textContent = reading(worded(key, cell.sensor.device_class, last.value), cell.sensor.unit);
    cell.when.textContent = ago(last.at);
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of list.querySelectorAll("li")) row.hidden = !words.every((word) => row.dataset.words.includes(word));
    for (const group of list.children) group.hidden = !group.querySelector("li:not([hidden])");
    none.hidden = [...list.children].some((group) => !group.hidden);
  }

  const redraw = async () => drawAlarms(told, await get("/page/alarms", { signal: page.signal }), redraw, page);
  drawAlarms(told, alarms, redraw, page);
  root.append(el("h1", "Sensors"), told,
    ...(found.sensors.length ? [search, none, list] : [el("p.quiet", "No sensor has said anything yet. What your devices measure appears here by itself.")]));
  page.follow({
    readings: ({ last }) => Object.entries(last).forEach(([key, value]) => fill(key, value)),
    alarms: ({ news, text }) => { redraw(); if (news === "began") page.say(text); },
  }, redraw);
  const timer = setInterval(() => cells.forEach(({ sensor }, key) => fill(key, sensor.last)), 30000);
  page.leave(() => clearInterval(timer));
}

/** What a room is like first, then what its devices tell besides, batteries last. */
function rank(sensor) {
  if (["battery", "signal_strength"].includes(sensor.device_class)) return 2;
  return sensor.key.includes(":") ? 1 : 0;
}

function drawAlarms(root, found, redraw, page) {
  if (!found.watched) {
    root.replaceChildren(el("p.notice", "Sensors are not watched: [history] or [watch] is switched off in the settings."));
    return;
  }
  const doing = async (work) => {
    try {
      await work();
      await redraw();
    } catch (error) {
      if (error.name !== "AbortError") root.prepend(problem(error));
    }
  };
  const heads = found.alarms.filter((alarm) => !alarm.group || !found.alarms.some((other) => other.id === alarm.group));
  const cards = heads.map((alarm) => {
    const active = alarm.state === "active";
    return el(`li.card.alarm-card.${alarm.severity}`, { "data-alarm": alarm.id },
      el("p", el(`span.tag${active ? (alarm.severity === "critical" ? ".bad" : ".warn") : ""}`, active ? alarm.severity : "over"),
        " ", el("a", { href: link(alarm.sensor) }, alarm.name), el("span.quiet", ` since ${moment(alarm.since_s)}`)),
      el("p", alarm.text), alarm.advice ? el("p.quiet", alarm.advice) : null,
      el("p.buttons",
        alarm.acknowledged ? el("span.quiet.seen", "Seen") : el("button", { type: "button", onclick: () => doing(() => post("/page/alarms/seen", { which: alarm.id })) }, "I have seen it"),
        alarm.muted ? null : mute(`Mute ${alarm.name}`, (for_s) => doing(() => post("/page/alarms/mute", { sensor: alarm.sensor, for_s })))));
  });
  const muted = found.muted.map((one) => {
    const area = one.scope.startsWith("area/") ? one.scope.slice(5) : null;
    const scope = one.scope === "all" ? {} : area ? { area } : { sensor: one.scope };
    return el("li.split", el("span", one.scope === "all" ? "Everything" : area ?? one.scope, el("span.quiet", `, until ${moment(one.until_s)}`)),
      el("button", { type: "button", onclick: () => doing(() => post("/page/alarms/unmute", scope)) }, "Tell me again"));
  });
  const rules = found.rules.map((rule) => el("li.split", el("span", rule.said || rule.id),
    el("button.danger", { type: "button", "aria-label": `Remove: ${rule.said || rule.id}`, onclick: () => doing(() => post("/page/alarms/remove-rule", { id: rule.id })) }, "Remove")));
  root.replaceChildren(...[
    cards.length ? el("ul.stack", cards) : el("p.good", "Nothing is wrong with any sensor."),
    muted.length ? el("div", el("h2", "Muted"), el("ul.rows", muted)) : null,
    rules.length ? el("details", el("summary", `You asked to be warned (${rules.length})`), el("ul.rows", rules)) : null,
    past(page),
  ].filter(Boolean));
}

function mute(label, then) {
  return choice([["", "Mute …"], ...MUTES], "", { "aria-label": label, onchange: (event) => then(Number(event.target.value)) });
}

function past(page) {
  const list = el("ul.rows");
  return el("details", {
    ontoggle: async (event) => {
      if (!event.target.open || list.children.length) return;
      const { alarms } = await get("/page/alarms/past", { signal: page.signal });
      list.replaceChildren(...(alarms.length ? alarms.map((alarm) => el("li", el("span.quiet", `${exact(alarm.since_s)}, for ${span((alarm.ended_s ?? alarm.at_s) - alarm.since_s)}. `), alarm.text))
        : [el("li.quiet", "There were none.")]));
    },
  }, el("summary", "Alarms of before"), list);
}

// One of them -------------------------------------------------------------------------------------------------------

async function one(root, page, key) {
  let until = Date.now() / 1000;
  let since = until - 86400;
  let following = true;
  let drawn = 0;
  let unit = "";
  let deviceClass = "";
  const back = el("a", { href: "#/sensors" }, "All sensors");
  const heading = el("h1", key);
  const last = el("p.big.number");
  const facts = el("dl.facts");
  const plot = el("div");
  const from = el("input#from", { type: "datetime-local" });
  const to = el("input#to", { type: "datetime-local" });
  const ranges = el("div.buttons", { role: "group", "aria-label": "How long" }, RANGES.map(([length, name]) =>
    el("button", { type: "button", dataset: { length }, onclick: () => go(Date.now() / 1000 - length, Date.now() / 1000, true) }, name)));
  const move = (share) => {
    const width = until - since;
    go(since + share * width, until + share * width);
  };
  root.append(el("p", back), heading, last,
    el("div.range-bar", ranges,
      el("div.buttons", el("button", { type: "button", "aria-label": "Earlier", onclick: () => move(-0.5) }, "←"),
        el("button", { type: "button", "aria-label": "Later", onclick: () => move(0.5) }, "→"),
        el("button", { type: "button", onclick: () => go(since - (until - since), until) }, "Zoom out"))),
    plot, facts,
    el("details", el("summary", "Another time"), el("form.range-form", {
      onsubmit: (event) => {
        event.preventDefault();
        const [a, b] = [from, to].map((input) => new Date(input.value).getTime() / 1000);
        if (a < b) go(a, b);
        else plot.replaceChildren(problem(new Error("The beginning has to be before the end.")));
      },
    }, field("From", from), field("To", to), el("button.primary", { type: "submit" }, "Show"))));

  async function go(a, b, live = false) {
    [since, until] = [Math.max(0, a), Math.min(b, Date.now() / 1000 + 60)];
    drawn = Date.now();
    following = live;
    for (const button of ranges.children) button.setAttribute("aria-pressed", String(live && Math.abs(Number(button.dataset.length) - (until - since)) < 1));
    [from.value, to.value] = [local(since), local(until)];
    try {
      const query = new URLSearchParams({ key, since, until, points: Math.min(1000, Math.max(100, Math.round(plot.clientWidth) || 400)) });
      draw(await get(`/page/sensors/course?${query}`, { signal: page.signal }));
    } catch (error) {
      if (error.name !== "AbortError") plot.replaceChildren(problem(error));
    }
  }

  function draw(course) {
    heading.textContent = course.name;
    [unit, deviceClass] = [course.unit, course.device_class];
    if (course.last) last.replaceChildren(reading(worded(key, deviceClass, course.last.value), unit), el("small", ` ${ago(course.last.at)}`));
    plot.replaceChildren(course.kind === "number" ? numberChart(course, since, until, go) : stateChart(course, since, until));
    const rows = course.kind === "number" ? [
      ["Lowest", reading(course.figures.low, course.unit)], ["Highest", reading(course.figures.high, course.unit)],
      ["Mean", reading(course.figures.mean, course.unit)], ["Readings", course.figures.count.toLocaleString("en-GB")],
      course.figures.gain === null ? null : ["Went up by", reading(course.figures.gain, course.unit)],
    ] : [];
    rows.push(["Remembered", course.begins ? `since ${exact(course.begins)}` : "nothing yet"], ["Id", course.key]);
    facts.replaceChildren(...rows.filter((row) => row && row[1] !== "nothing usable").flatMap(([name, value]) => [el("dt", name), el("dd", value)]));
  }

  await go(since, until, true);
  page.follow({
    readings: (told) => {
      const fresh = told.last[key];
      if (!fresh) return;
      last.replaceChildren(reading(worded(key, deviceClass, fresh.value), unit), el("small", ` ${ago(fresh.at)}`));
      if (following && Date.now() - drawn > Math.max(15, (until - since) / 500) * 1000) go(Date.now() / 1000 - (until - since), Date.now() / 1000, true);
    },
  }, () => go(since, until, following));
}
