// Settings: a form made from the schema that the service gives, and the file it writes beside it.

import { get, post } from "/page/shell/api.js";
import { el, problem } from "/page/shell/dom.js";
import { returned } from "/page/views/health.js";

const NAMES = {
  "": "General", mqtt: "MQTT broker", homeassistant: "Home Assistant", router: "Router", llm: "Language model", governor: "Governor", models: "Where models come from",
  confirm: "Confirmation", speech: "Hearing and speaking", http: "HTTP and this page", wyoming: "Wyoming", log: "Log", requests: "Log of requests",
  history: "History of sensors", watch: "Watching sensors", summary: "Daily summary", location: "Location", guests: "Visitors",
};

const HINTS = {
  location: "Where the house is: sunrise, sunset, and what is near", mqtt: "How it reaches the devices of the house", homeassistant: "Devices and lists that are shared with it",
  router: "When a sentence is sure enough to be acted on", llm: "What answers questions that are not about the house", governor: "What is given up while the machine is hot or short of memory",
  models: "Where new models and voices are fetched", confirm: "What is asked about before it is done, and the PIN", speech: "Microphone, loudspeaker, wake word, voice",
  http: "Who can open this page, and programs that ask over the network", wyoming: "Microphones and loudspeakers in other rooms", guests: "What visitors may do",
  log: "What the service writes down of itself", requests: "Whether what was asked is kept, and for how long", history: "Whether what sensors said is kept, and for how long",
  watch: "Looking for what is unusual", summary: "What it tells once a day",
};
const LABELS = {
  node: ["Name", "What this appliance is called; its topics and its device in Home Assistant have this name."], language: ["Language", "What is spoken to it."], units: ["Units", "How temperatures and lengths are told."],
};

const WORDS = { http: "HTTP", llm: "LLM", tls: "TLS", url: "URL", id: "ID", pin: "PIN", mqtt: "MQTT", s: "(seconds)", db: "(decibels)", bytes: "(bytes)", celsius: "(°C)", m: "(metres)", days: "(days)", ca: "CA" };
const UNITS = new Set(["s", "db", "bytes", "celsius", "m", "days"]);

/** keepalive_s: "Keepalive (seconds)". */
function label(key) {
  const words = key.split("_").map((word, index) => (WORDS[word] && (!UNITS.has(word) || index > 0) ? WORDS[word] : word));
  const text = words.join(" ");
  return text[0].toUpperCase() + text.slice(1);
}

export async function show(root, page) {
  const [schema, first] = await Promise.all([
    get("/page/settings/schema", { signal: page.signal }), get("/page/settings", { signal: page.signal })]);
  let told = first;
  let changes = new Map();
  let secrets = new Map();
  const trouble = el("div", { "aria-live": "assertive" });
  const waiting = el("div");
  const controls = new Map();
  const tables = el("div.settings");
  const search = el("input", { type: "search", placeholder: "Find a setting", "aria-label": "Find a setting", oninput: () => filter() });
  const bar = el("div.save-bar", { hidden: true });

  const def = (property) => {
    const ref = property.$ref ?? property.allOf?.[0]?.$ref;
    return ref ? schema.$defs[ref.split("/").at(-1)] : null;
  };

  // What the schema says of one key, with "or nothing" taken out.
  function shape(property) {
    const inner = def(property);
    if (inner?.properties) return { kind: "table", table: inner };
    const options = property.anyOf ?? [property];
    const some = options.filter((one) => one.type !== "null");
    const empty = some.length < options.length;
    const ref = some.length === 1 ? def(some[0]) : null;
    if (ref?.properties) return { kind: "text-only" };
    const choices = some.flatMap((one) => one.enum ?? (one.const === undefined ? [] : [one.const]));
    if (some.some((one) => one.type === "boolean") && choices.length) return { kind: "choice", choices: [...choices, true, false], empty };
    if (choices.length) return { kind: "choice", choices, empty };
    const one = some[0] ?? {};
    if (one.type === "boolean") return { kind: "boolean" };
    if (one.type === "integer" || one.type === "number") return { kind: "number", whole: one.type === "integer", low: one.minimum ?? one.exclusiveMinimum, high: one.maximum ?? one.exclusiveMaximum, empty };
    if (one.type === "array" && one.items?.type === "string") return { kind: "list", empty };
    if (one.type === "string") return { kind: "text", empty, most: one.maxLength };
    return { kind: "text-only" };
  }

  function fieldset(name, table, at) {
    const rows = [];
    const inner = [];
    const byText = [];
    for (const [key, property] of Object.entries(table.properties)) {
      const dotted = at ? `${at}.${key}` : key;
      const found = shape(property);
      if (found.kind === "table") {
        if (at) inner.push([dotted, found.table]);
        continue;
      }
      if (key.endsWith("_file") && table.properties[key.slice(0, -5)]?.writeOnly) continue;
      if (found.kind === "text-only") {
        byText.push(key);
        continue;
      }
      rows.push(property.writeOnly ? secret(key, dotted, property) : row(key, dotted, property, found));
    }
    return el("details.card.table", { dataset: { table: at }, open: at === "" }, el("summary", el("h2", name), el("span.quiet.mono", at ? `[${at}]` : ""), HINTS[at] ? el("small.hint", HINTS[at]) : ""), el("div.keys", rows, byText.length ? el("p.hint.by-text", { dataset: { key: at, words: byText.join(" ") } }, "Set as text: ", el("code", byText.join(", "))) : "",
      inner.map(([dotted, sub]) => el("div.sub", el("h3", dotted), [...Object.entries(sub.properties)].map(([key, property]) => row(key, `${dotted}.${key}`, property, shape(property)))))));
  }

  const value = (dotted) => dotted.split(".").reduce((at, step) => at?.[step], told.values);

  function row(key, dotted, property, found) {
    const id = `s-${dotted.replaceAll(".", "-")}`;
    const control = make(id, dotted, found);
    const note = el("p.problem", { id: `${id}-problem`, hidden: true });
    const origin = el("span.origin");
    const undo = el("button.plain", { type: "button", "aria-label": `Undo what was set of ${dotted}`, onclick: () => { change(dotted, null); } }, "undo");
    const holder = el("div.key-row", { dataset: { key: dotted, words: `${dotted} ${property.description ?? ""}`.toLowerCase() } },
      el("div", el("label", { for: id }, LABELS[dotted]?.[0] ?? label(key)), el("small.hint", { id: `${id}-hint` }, property.description ?? LABELS[dotted]?.[1] ?? "", limits(found))),
      el("div.control", control, el("p.origin-line", origin, undo), note));
    if (control.setAttribute) control.setAttribute("aria-describedby", `${id}-hint ${id}-problem`);
    controls.set(dotted, { control, found, note, origin, undo, holder });
    fill(dotted);
    return holder;
  }

  function limits(found) {
    if (found.kind === "list") return " One a line.";
    if (found.kind !== "number" || (found.low === undefined && found.high === undefined)) return "";
    return ` ${found.low ?? "…"} to ${found.high ?? "…"}.`;
  }

  function make(id, dotted, found) {
    const changed = (event) => change(dotted, read(event.target, found));
    const common = { id, oninput: changed };
    if (found.kind === "boolean") return el("input", { ...common, type: "checkbox", role: "switch" });
    if (found.kind === "choice") return el("select", common, found.empty ? el("option", { value: "" }, "as it is best") : "", found.choices.map((one) => el("option", { value: JSON.stringify(one) }, one === true ? "on" : one === false ? "off" : String(one))));
    if (found.kind === "number") return el("input", { ...common, type: "number", step: found.whole ? 1 : "any", min: found.low, max: found.high, placeholder: found.empty ? "as it is best" : "" });
    if (found.kind === "list") return el("textarea", { ...common, rows: 2, spellcheck: "false" });
    if (found.kind === "text") return el("input", { ...common, type: "text", autocomplete: "off", spellcheck: "false", maxlength: Math.min(found.most ?? 1000, 1000), placeholder: found.empty ? "not set" : "" });
    return el("output.quiet", { id }, "Set as text.");
  }

  function read(control, found) {
    if (found.kind === "boolean") return control.checked;
    if (found.kind === "choice") return control.value === "" ? null : JSON.parse(control.value);
    if (found.kind === "number") return control.value === "" ? null : Number(control.value);
    if (found.kind === "list") return control.value.split("\n").map((one) => one.trim()).filter(Boolean);
    return control.value === "" && found.empty ? null : control.value;
  }

  function fill(dotted) {
    const { control, found, origin, undo, holder } = controls.get(dotted);
    const pending = changes.has(dotted);
    const now = pending && changes.get(dotted) !== null ? changes.get(dotted) : value(dotted);
    if (document.activeElement !== control || !pending) {
      if (found.kind === "boolean") control.checked = Boolean(now);
      else if (found.kind === "choice") control.value = now === null || now === undefined ? "" : JSON.stringify(now);
      else if (found.kind === "list") control.value = (now ?? []).join("\n");
      else if (found.kind !== "text-only") control.value = now ?? "";
    }
    const own = told.own.some((one) => one === dotted || one.startsWith(`${dotted}.`));
    origin.textContent = pending ? "not saved yet" : own ? "set on this page" : "";
    undo.hidden = !own || pending;
    holder.classList.toggle("changed", pending);
  }

  function secret(key, dotted, property) {
    const id = `s-${dotted.replaceAll(".", "-")}`;
    const input = el("input", { id, type: "password", autocomplete: "new-password", oninput: () => {
      if (input.value) secrets.set(dotted, input.value);
      else secrets.delete(dotted);
      redraw();
    } });
    const state = el("span.origin");
    const forget = el("button.plain", { type: "button", "aria-label": `Forget ${dotted}`, onclick: () => { secrets.set(dotted, null); redraw(); } }, "forget");
    const note = el("p.problem", { hidden: true });
    const holder = el("div.key-row", { dataset: { key: dotted, words: dotted } }, el("div", el("label", { for: id }, label(key)), el("small.hint", property.description ?? "Kept in a file of its own, and never shown again.")),
      el("div.control", input, el("p.origin-line", state, forget), note));
    const fillSecret = () => {
      const set = value(dotted)?.set;
      input.placeholder = set ? "is set; type to change it" : "not set";
      if (!secrets.has(dotted)) input.value = "";
      state.textContent = secrets.has(dotted) ? (secrets.get(dotted) === null ? "to be forgotten, not saved yet" : "not saved yet") : set ? "set" : "not set";
      forget.hidden = !set || secrets.has(dotted);
    };
    controls.set(dotted, { control: input, note, holder, fill: fillSecret });
    fillSecret();
    return holder;
  }

  function change(dotted, to) {
    const own = told.own.includes(dotted);
    if (JSON.stringify(to) === JSON.stringify(value(dotted) ?? null) && !(to === null && own)) changes.delete(dotted);
    else changes.set(dotted, to);
    redraw();
  }

  function redraw() {
    for (const [dotted, one] of controls) (one.fill ?? (() => fill(dotted)))();
    const count = changes.size + secrets.size;
    bar.hidden = !count;
    bar.replaceChildren(el("span", { role: "status" }, `${count} ${count === 1 ? "change" : "changes"}`), el("div.buttons",
      el("button", { type: "button", onclick: () => { changes.clear(); secrets.clear(); complain(null); redraw(); } }, "Leave them"),
      el("button.primary", { type: "button", onclick: save }, "Save")));
  }

  function complain(error) {
    trouble.replaceChildren(error ? problem(error) : "");
    for (const { note, control } of controls.values()) {
      note.hidden = true;
      control.removeAttribute?.("aria-invalid");
    }
    if (!error) return;
    const about = [...controls].find(([dotted]) => error.message.startsWith(`${dotted}:`) || error.message.startsWith(`${dotted} `));
    if (!about) return;
    const [dotted, { note, control, holder }] = about;
    note.textContent = error.message.slice(dotted.length).replace(/^[:\s]+/, "");
    note.hidden = false;
    control.setAttribute("aria-invalid", "true");
    holder.closest("details").open = true;
    control.focus();
  }

  async function save() {
    await taken(() => post("/page/settings", { changes: Object.fromEntries(changes), secrets: Object.fromEntries(secrets), etag: told.etag }));
  }

  async function taken(work) {
    try {
      told = await work();
      changes = new Map();
      secrets = new Map();
      complain(null);
      redraw();
      drawRest();
      page.say("Saved");
      return true;
    } catch (error) {
      if (error.name !== "AbortError") complain(error);
      return false;
    }
  }

  function drawRest() {
    waiting.replaceChildren(told.pending.length ? el("div.notice.split", el("div", el("p", "Saved, and in force once the service has started again:"), el("p.mono", told.pending.join(", "))),
      el("button.primary", {
        type: "button", onclick: async (event) => {
          event.target.disabled = true;
          event.target.textContent = "Starting again …";
          try {
            await post("/page/health/restart");
            await returned();
            told = await get("/page/settings", { signal: page.signal });
            redraw();
            drawRest();
          } catch (error) {
            complain(error);
          }
        },
      }, "Start again now")) : "", ...told.problems.map((one) => el("p.problem", `${one.key ? `${one.key}: ` : ""}${one.message} (${one.origin})`)));
    area.value = told.text;
    files.replaceChildren(...told.files.map((one) => el("details", el("summary", one.path), one.text === null ? el("p.quiet", one.why) : el("pre.card", { tabindex: 0 }, one.text))));
    where.textContent = told.file;
  }

  const area = el("textarea#toml", { rows: 14, spellcheck: "false", "aria-describedby": "toml-hint" });
  const checked = el("div", { "aria-live": "polite" });
  const files = el("div");
  const where = el("code");
  const text = el("section.part", el("h2", "As text"), el("p.hint#toml-hint", "What is set on this page stands in ", where, ", over the files below, which only you change. Comments stay. Lists of tables, such as [[areas]] or [[satellites]], are set here."),
    el("label.visually-hidden", { for: "toml" }, "What is set on this page, as TOML"), area, checked,
    el("p.buttons", el("button", {
      type: "button", onclick: async () => {
        try {
          const { problems } = await post("/page/settings/check", { text: area.value, etag: told.etag });
          checked.replaceChildren(...(problems.length ? problems.map((one) => el("p.problem", one.key ? `${one.key}: ${one.message}` : one.message)) : [el("p.good", "This can be saved.")]));
        } catch (error) {
          checked.replaceChildren(problem(error));
        }
      },
    }, "Check"), el("button.primary", {
      type: "button", onclick: async () => {
        checked.replaceChildren();
        if (!await taken(() => post("/page/settings/text", { text: area.value, etag: told.etag }))) checked.replaceChildren(...[...trouble.children].map((one) => one.cloneNode(true)));
      },
    }, "Save the text")), el("h3", "The other files"), files);

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const table of tables.children) {
      for (const one of table.querySelectorAll("[data-key]")) one.hidden = !words.every((word) => one.dataset.words.includes(word));
      table.hidden = !table.querySelector("[data-key]:not([hidden])");
      if (words.length) table.open = true;
    }
  }

  tables.append(fieldset(NAMES[""], schema, ""), ...Object.entries(schema.properties).map(([key, property]) => [key, shape(property)])
    .filter(([, found]) => found.kind === "table").map(([key, found]) => fieldset(NAMES[key] ?? key, found.table, key)));
  root.append(el("h1", "Settings"), waiting, search, trouble, el("div.settings-page", tables, text), bar);
  drawRest();
  redraw();
}
