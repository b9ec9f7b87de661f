// Charts as SVG: the course of a number with what is normal, the states of a device; each with words for who can't see.

import { el, svg } from "/page/shell/dom.js";
import { day, exact, figure, hours, reading, span, worded } from "/page/views/format.js";

const LEFT = 52;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 26;
const HEIGHT = 260;

/** Round steps for an axis: about `count` of them between two values. */
export function steps(low, high, count) {
  const raw = (high - low) / Math.max(1, count) || 1;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = size * [1, 2, 2.5, 5, 10].find((one) => one * size >= raw * 0.8);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-6; at += step) found.push(Number(at.toFixed(10)));
  return found;
}

const TIMES = [300, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2629800, 7889400, 15778800, 31557600];

function times(since, until, count) {
  const step = TIMES.find((one) => (until - since) / one <= count) ?? TIMES.at(-1);
  const offset = new Date(since * 1000).getTimezoneOffset() * 60;
  const found = [];
  for (let at = Math.ceil((since - offset) / step) * step + offset; at <= until; at += step) found.push(at);
  return { found, told: step >= 86400 ? (at) => day(at).replace(/^\w+,? /, "") : (at) => (hours(at) === "00:00" ? day(at) : hours(at)) };
}

/** A drawing that is made anew when its room changes. `draw(width)` gives the <svg>. */
function fitted(draw) {
  const holder = el("div.plot");
  let width = 0;
  const watch = new ResizeObserver(([entry]) => {
    const now = Math.max(280, Math.round(entry.contentRect.width));
    if (now === width) return;
    width = now;
    holder.replaceChildren(draw(width));
  });
  watch.observe(holder);
  return holder;
}

function axes(root, { x, y, width, ticks, values, unit }) {
  for (const value of values) {
    root.append(svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
      svg("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, figure(value)));
  }
  if (unit) root.append(svg("text", { x: 4, y: TOP + 1, class: "unit" }, unit));
  for (const at of ticks.found) {
    root.append(svg("line", { class: "tick", x1: x(at), x2: x(at), y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4 }),
      svg("text", { x: x(at), y: HEIGHT - 8, "text-anchor": "middle" }, ticks.told(at)));
  }
}

function path(points, x, y, low, high, gap) {
  const parts = [];
  let run = [];
  const close = () => {
    if (!run.length) return;
    parts.push(`M${run.map((one) => `${x(one.at).toFixed(1)} ${y(one[high]).toFixed(1)}`).join("L")}L`
      + `${run.toReversed().map((one) => `${x(one.at).toFixed(1)} ${y(one[low]).toFixed(1)}`).join("L")}Z`);
    run = [];
  };
  for (const one of points) {
    if (run.length && one.at - run.at(-1).at > gap) close();
    run.push(one);
  }
  close();
  return parts.join("");
}

function line(points, x, y, gap) {
  let text = "";
  let before = null;
  for (const one of points) {
    text += `${before === null || one.at - before > gap ? "M" : "L"}${x(one.at).toFixed(1)} ${y(one.mean).toFixed(1)}`;
    before = one.at;
  }
  return text;
}

/**
 * The course of a number. `course` is the service's answer, `zoom(since, until)` is called when a part was marked.
 */
export function numberChart(course, since, until, zoom) {
  const half = course.width / 2;
  const points = course.slices.map(([at, low, mean, high]) => ({ at: at + half, low, mean, high }));
  const band = course.band.map(([at, low, high]) => ({ at, low, high }));
  if (!points.length) return el("p.quiet.empty", "Nothing was measured in this time.");
  let low = Math.min(...points.map((one) => one.low));
  let high = Math.max(...points.map((one) => one.high));
  const reach = (high - low) || Math.abs(high) * 0.02 || 1;
  for (const one of band) {
    if (one.low > low - 1.5 * reach) low = Math.min(low, one.low);
    if (one.high < high + 1.5 * reach) high = Math.max(high, one.high);
  }
  const spare = ((high - low) || reach) * 0.06;
  [low, high] = [low - spare, high + spare];
  const gap = Math.max(course.width * 3, (until - since) / 40);
  const readout = el("p.readout", { "aria-live": "polite" });
  let at = points.length - 1;

  const draw = (width) => {
    const x = (one) => LEFT + ((one - since) / (until - since)) * (width - LEFT - RIGHT);
    const y = (one) => TOP + (1 - (Math.min(high, Math.max(low, one)) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
    const root = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, tabindex: 0, role: "img",
      "aria-label": summary(course, since, until) });
    for (const one of course.alarms) {
      const from = Math.max(since, one.since);
      const to = Math.min(until, one.ended ?? until);
      root.append(svg("rect", { class: `alarm ${one.severity}`, x: x(from), y: TOP, width: Math.max(2, x(to) - x(from)), height: HEIGHT - TOP - BOTTOM },
        svg("title", one.text)));
    }
    if (band.length) root.append(svg("path", { class: "band", d: path(band, x, y, "low", "high", Infinity) }));
    axes(root, { x, y, width, unit: course.unit, values: steps(low, high, 5), ticks: times(since, until, Math.max(2, Math.floor(width / 90))) });
    root.append(svg("path", { class: "range", d: path(points, x, y, "low", "high", gap) }),
      svg("path", { class: "mean", d: line(points, x, y, gap) }));
    if (points.length < 40) for (const one of points) root.append(svg("circle", { class: "dot", cx: x(one.at), cy: y(one.mean), r: 2.5 }));
    const cross = svg("g", { class: "cross" }, svg("line", { y1: TOP, y2: HEIGHT - BOTTOM }), svg("circle", { r: 4 }));
    const marked = svg("rect", { class: "marked", y: TOP, height: HEIGHT - TOP - BOTTOM, width: 0 });
    root.append(marked, cross);

    const point = (index) => {
      at = Math.max(0, Math.min(points.length - 1, index));
      const one = points[at];
      cross.setAttribute("transform", `translate(${x(one.at).toFixed(1)} 0)`);
      cross.lastChild.setAttribute("cy", y(one.mean));
      cross.setAttribute("visibility", "visible");
      const between = one.low === one.high ? "" : ` (${figure(one.low)} to ${figure(one.high)})`;
      readout.textContent = `${exact(one.at)}: ${reading(one.mean, course.unit)}${between}`;
    };
    cross.setAttribute("visibility", "hidden");
    const time = (event) => since + ((event.clientX - root.getBoundingClientRect().left - LEFT) / (width - LEFT - RIGHT)) * (until - since);
    const nearest = (when) => points.reduce((best, one, index) => (Math.abs(one.at - when) < Math.abs(points[best].at - when) ? index : best), 0);
    let from = null;
    root.addEventListener("pointermove", (event) => {
      const when = time(event);
      point(nearest(when));
      if (from !== null) {
        marked.setAttribute("x", x(Math.min(from, when)));
        marked.setAttribute("width", Math.abs(x(when) - x(from)));
      }
    });
    root.addEventListener("pointerdown", (event) => { if (event.pointerType === "mouse" && zoom) from = time(event); });
    root.addEventListener("pointerup", (event) => {
      const [a, b] = [from, time(event)].sort((one, other) => one - other);
      if (from !== null && x(b) - x(a) > 12) zoom(Math.max(since, a), Math.min(until, b));
      from = null;
      marked.setAttribute("width", 0);
    });
    root.addEventListener("pointerleave", () => { from = null; marked.setAttribute("width", 0); });
    root.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: points.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      point(to);
    });
    return root;
  };
  const legend = el("p.legend", el("span.key.mean", "mean"), el("span.key.range", "lowest to highest"),
    band.length ? el("span.key.band", "normal for the hour") : null,
    course.alarms.length ? el("span.key.alarm", "alarm") : null);
  return el("figure.chart", fitted(draw), el("figcaption", readout, legend), table(course, points));
}

function summary(course, since, until) {
  const { low, high, mean, count } = course.figures;
  return `${course.name}, ${exact(since)} to ${exact(until)}: between ${reading(low, course.unit)} and ${reading(high, course.unit)}, `
    + `mean ${reading(mean, course.unit)}, ${count} readings. Arrow keys read single values.`;
}

/** The same in numbers, two dozen rows of it. */
function table(course, points) {
  const size = Math.ceil(points.length / 24);
  const rows = [];
  for (let at = 0; at < points.length; at += size) {
    const part = points.slice(at, at + size);
    rows.push(el("tr", el("th", { scope: "row" }, exact(part[0].at)),
      el("td.number", figure(Math.min(...part.map((one) => one.low)))),
      el("td.number", figure(part.reduce((sum, one) => sum + one.mean, 0) / part.length)),
      el("td.number", figure(Math.max(...part.map((one) => one.high))))));
  }
  return el("details.as-table", el("summary", "As a table"), el("div.scroll", { tabindex: 0, role: "region", "aria-label": `${course.name} as a table` },
    el("table", el("thead", el("tr", ["From", "Lowest", "Mean", "Highest"].map((one) => el("th", { scope: "col" }, one)))), el("tbody", rows))));
}

const CALM = ["off", "closed", "locked", "not_home", "idle"];

/** The states of a device as stripes. */
export function stateChart(course, since, until) {
  const told = (state) => reading(worded(course.key, course.device_class, state));
  const states = Object.keys(course.seconds).sort((a, b) => course.seconds[b] - course.seconds[a]);
  if (!course.spells.length) return el("p.quiet.empty", "Nothing is remembered of this time.");
  const loud = states.filter((state) => !CALM.includes(state));
  const kind = (state) => (state === null ? "none" : CALM.includes(state) ? "calm" : `s${loud.indexOf(state) % 5}`);
  const total = Object.values(course.seconds).reduce((sum, one) => sum + one, 0) || 1;
  const words = states.map((state) => `${told(state)} for ${span(course.seconds[state])}`).join(", ");
  const draw = (width) => {
    const x = (one) => LEFT / 2 + ((one - since) / (until - since)) * (width - LEFT / 2 - RIGHT);
    const ticks = times(since, until, Math.max(2, Math.floor(width / 90)));
    const root = svg("svg", { viewBox: `0 0 ${width} 84`, width, height: 84, role: "img", "aria-label": `${course.name}: ${words || "not known"}` });
    for (const [from, state, to] of course.spells) {
      root.append(svg("rect", { class: `spell ${kind(state)}`, x: x(Math.max(since, from)), y: 8, height: 44, width: Math.max(1, x(Math.min(until, to)) - x(Math.max(since, from))) },
        svg("title", `${state === null ? "not known" : told(state)}, ${exact(from)} to ${exact(to)}`)));
    }
    for (const at of ticks.found) root.append(svg("text", { x: x(at), y: 74, "text-anchor": "middle" }, ticks.told(at)));
    return root;
  };
  return el("figure.chart", fitted(draw), el("table", el("caption.visually-hidden", "How long it was in each state"),
    el("thead", el("tr", ["State", "For", "Share", "Began"].map((one) => el("th", { scope: "col" }, one)))),
    el("tbody", states.map((state) => el("tr", el("th", { scope: "row" }, el(`span.swatch.${kind(state)}`), told(state)), el("td", span(course.seconds[state])),
      el("td.number", `${Math.round((course.seconds[state] / total) * 100)} %`), el("td.number", `${course.times[state] ?? 0} times`))))));
}
