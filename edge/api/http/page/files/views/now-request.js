// One request as Now shows it: the words with what was read out of them, and how its answer came about.

import { el } from "/page/shell/dom.js";
import { exactly } from "/page/views/format.js";
import { correction } from "/page/views/now-correct.js";

const SOURCES = { voice: "spoken", wyoming: "satellite", http: "page or program", cli: "command line", mqtt: "MQTT",
  home_assistant: "Home Assistant", demo: "demo", schedule: "schedule", rule: "rule" };
const BY = { router: "the router", llm: "the language model", dialogue: "the conversation", schedule: "the schedule", sensors: "the history" };
const STAGES = { listening: "listening", speech_to_text: "speech to text", routing: "routing", resolution: "finding devices",
  first_token: "first word of the model", command: "command", publish: "broker", answer: "device answers", reply: "whole",
  first_sound: "first sound" };
const OUTCOMES = { done: "done", already: "was so already", sent: "sent", unanswered: "no answer", unavailable: "off line",
  unsupported: "can't do that", refused: "not allowed" };

/** The list item of a request. */
export function card(request, { page, now, open, again }) {
  const details = el("details", { open, dataset: open ? { auto: "" } : {} },
    el("summary", el("span.way", "How it came about"), el("span.number.time", request.total_ms ? ms(request.total_ms) : "")));
  const body = el("div.inside");
  let drawn = false;
  const draw = () => {
    if (drawn || !details.open) return;
    drawn = true;
    body.append(...inside(request, page, now, again));
  };
  details.addEventListener("toggle", draw);
  details.append(body);
  draw();
  return el("li.request", { dataset: { id: request.id } },
    el("p.meta", [request.at ? exactly(request.at) : "", SOURCES[request.source] ?? request.source, areaName(request, now)].filter(Boolean).join(" · ")),
    el("p.words", marked(request)),
    el("p.reply", request.reply || el("span.quiet", request.text ? "(silence)" : "(not kept)")),
    details);
}

function way(request) {
  const functions = [...new Set(request.calls.map((call) => call.function))];
  const by = BY[request.answered_by] ?? request.answered_by;
  return [request.decision ?? "given up", ...functions].join(" · ") + (by ? `, by ${by}` : "");
}

function areaName(request, now) {
  return now.areas.find((area) => area.id === request.area)?.name ?? request.area;
}

function ms(value) {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value < 10 ? value.toFixed(1) : Math.round(value)}\u00a0ms`;
}

function percent(value) {
  return `${(value * 100).toFixed(value >= .995 && value < .9995 ? 1 : 0)}\u00a0%`;
}

/** The words, with each span that the router copied underlined. */
function marked(request) {
  const text = request.text;
  if (!text) return [el("span.quiet", "(what was said is not kept)")];
  const spans = (request.router?.tokens ?? []).flatMap((token) => token.spans)
    .filter((span) => span.end > span.start && text.slice(span.start, span.end) === span.text)
    .sort((one, other) => one.start - other.start);
  const parts = [];
  let at = 0;
  for (const span of spans) {
    if (span.start < at) continue;
    parts.push(text.slice(at, span.start),
      el("mark", { dataset: { slot: span.slot }, title: `${span.slot}, ${percent(span.probability)}` }, span.text));
    at = span.end;
  }
  parts.push(text.slice(at));
  return parts;
}

function inside(request, page, now, again) {
  const parts = [tokens(request), waterfall(request), called(request), devices(request)].filter(Boolean);
  const wrong = request.text && now.teaches && !["schedule", "rule"].includes(request.source)
    ? el("button", { type: "button", onclick: () => wrong.replaceWith(correction(request, page, now, again)) }, "That was wrong …") : null;
  return [el("p.quiet", way(request)), el("div.how", parts), wrong ? el("p", wrong) : null].filter(Boolean);
}

function part(title, ...children) {
  return el("section.piece", el("h3", title), children);
}

/** What the router wrote: function tokens with their spans, each with how sure it was. */
function tokens(request) {
  const router = request.router;
  if (!router) return null;
  const rows = router.tokens.map((token) => el("li",
    chance(token.function, token.probability, "token"),
    token.spans.map((span) => chance(el("span", el("span.slot", span.slot), " “", span.text, "”"), span.probability, "span"))));
  if (!rows.length) {
    rows.push(...router.likeliest.slice(0, 3).map((one) => el("li", chance(one.token, one.probability, "token"))));
  }
  return part("Tokens", el("ul.tokens", rows.length ? rows : el("li.quiet", "None: a sentence that is known as a whole.")),
    el("p.quiet", `${router.decision}, ${percent(router.confidence)} sure`),
    router.candidates.length ? el("p.quiet", "One of: ", router.candidates.map((id) => request.names[id] ?? id).join(", ")) : null);
}

function chance(label, probability, kind) {
  return el(`div.chance.${kind}`, el("span.stem", label), el("span.meter", { "aria-hidden": "true" },
    el("span", { style: { "--share": String(probability) } })), el("span.number", percent(probability)));
}

function called(request) {
  if (!request.calls.length) return null;
  return part("Called", el("ul.calls", request.calls.map((call) => el("li",
    el("code", call.function), call.confirm ? el("span.tag.warn", "asks first") : null,
    el("span.quiet", Object.entries(call.arguments).map(([key, value]) => ` ${key} ${value}`).join(",")),
    call.targets.length ? el("span", " → ", call.targets.map((id) => request.names[id] ?? id).join(", ")) : null))));
}

/** What devices answered. */
function devices(request) {
  if (!request.deeds.length) return null;
  return part("Devices answered", el("ul.deeds", request.deeds.map((deed) => {
    const bad = ["unanswered", "unavailable", "unsupported", "refused", "failed"].includes(deed.outcome);
    return el("li", el("strong", deed.name), " ", changed(deed), " ",
      el(`span.tag${bad ? ".bad" : ""}`, OUTCOMES[deed.outcome] ?? deed.outcome));
  })));
}

function changed(deed) {
  if (!deed.before) return deed.service.replaceAll("_", " ");
  const said = (state) => [state.state ?? "unknown", ...["brightness", "current_position", "temperature", "percentage", "volume_level"]
    .filter((key) => state[key] !== undefined && JSON.stringify(deed.before[key]) !== JSON.stringify(deed.after[key]))
    .map((key) => `${key.replaceAll("_", " ")} ${amount(key, state[key])}`)].join(", ");
  const [before, after] = [said(deed.before), said(deed.after)];
  return before === after ? after : `${before} → ${after}`;
}

/** Brightness goes from 0 to 255, volume from 0 to 1; people have per cent. */
function amount(key, value) {
  const whole = { brightness: 255, volume_level: 1, current_position: 100, percentage: 100 }[key];
  return whole && Number.isFinite(value) ? `${Math.round((value / whole) * 100)}\u00a0%` : value;
}

/** Milliseconds a stage, each bar where it began. */
function waterfall(request) {
  const total = Math.max(request.total_ms || 0, 0.001);
  if (!request.stages.length) return null;
  const facts = (stage) => stage.facts.device ? ` ${request.names[stage.facts.device] ?? stage.facts.device}` : "";
  return part("Milliseconds", el("ol.waterfall", request.stages.map((stage) => el("li", { dataset: { stage: stage.stage } },
    el("span.stem", STAGES[stage.stage] ?? stage.stage, el("small", facts(stage))),
    el("span.track", { "aria-hidden": "true" }, el("span", { style: {
      "--from": `${Math.min(99, stage.start_ms / total * 100)}%`, "--for": `${Math.max(.6, stage.ms / total * 100)}%` } })),
    el("span.number", ms(stage.ms))))));
}
