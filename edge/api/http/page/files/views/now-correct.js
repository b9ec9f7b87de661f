// Says what a sentence meant that was understood wrongly; from then on it, and what is much like it, is right.

import { get, post } from "/page/shell/api.js";
import { choice, el, field, problem } from "/page/shell/dom.js";

const SPECIAL = [["chat", "It was just talk"], ["ignore", "It was nothing for the assistant"]];
const LABELS = { name: "What", area: "Where", brightness: "Brightness", temperature: "Temperature", after: "In how long", at: "When",
  duration: "For how long", except: "Except", value: "Value", message: "Message", item: "Item" };

let known = null;

/** The form for one request. */
export function correction(request, page, now, again) {
  const node = el("div.correct", el("p.quiet", "One moment …"));
  known ??= get("/page/now/functions");
  known.then((all) => draw(node, request, page, now, again, all)).catch((error) => {
    known = null;
    node.replaceChildren(problem(error));
  });
  return node;
}

function draw(node, request, page, now, again, { functions, devices }) {
  const was = request.calls[0];
  const likely = [...new Set([was?.function, ...(request.router?.likeliest ?? []).map((one) => one.token)])]
    .filter((name) => functions.some((one) => one.function === name));
  const byDomain = new Map();
  for (const one of functions) {
    const domain = one.function.split(".")[0];
    byDomain.set(domain, [...(byDomain.get(domain) ?? []), one]);
  }
  const option = (one) => el("option", { value: one.function }, `${one.does.replace(/\.$/, "")} (${one.function})`);
  const select = el("select", { required: true, onchange: () => drawFields() },
    el("option", { value: "" }, "Choose …"),
    likely.length ? el("optgroup", { label: "Likely" }, likely.map((name) => option(functions.find((one) => one.function === name)))) : null,
    el("optgroup", { label: "No order" }, SPECIAL.map(([value, text]) => el("option", { value }, text))),
    [...byDomain].map(([domain, some]) => el("optgroup", { label: domain.replaceAll("_", " ") }, some.map(option))));
  const fields = el("div.fields");
  const told = el("div", { role: "status" });
  const send = el("button.primary", { type: "submit", disabled: true }, "Teach it");

  function drawFields() {
    const chosen = functions.find((one) => one.function === select.value);
    send.disabled = !select.value;
    const before = was?.arguments ?? {};
    fields.replaceChildren(...Object.entries(chosen?.arguments ?? {}).map(([name, takes]) =>
      field(LABELS[name] ?? name.replaceAll("_", " "), control(name, takes, chosen, before[name], now, devices),
        takes.unit && takes.type !== "string" ? `in ${takes.unit}` : null)));
    told.replaceChildren(chosen?.example ? el("p.hint", `As in “${chosen.example}”.`) : "");
  }

  const form = el("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      send.disabled = true;
      const given = [...fields.querySelectorAll("[name]")].filter((one) => one.value.trim()).map((one) => [one.name, one.value.trim()]);
      try {
        const { warnings } = await post("/page/now/correct",
          { sentence: request.text, function: select.value, arguments: Object.fromEntries(given) }, { signal: page.signal });
        const retry = el("button", { type: "button", onclick: () => again(request.text) }, "Say it again");
        node.replaceChildren(el("p.good", "Learnt: that sentence, and what is much like it, is understood so from now on."),
          warnings.map((text) => el("p.notice", text)), el("p", retry));
        page.say("Learnt");
        retry.focus();
      } catch (error) {
        told.replaceChildren(problem(error));
        send.disabled = false;
      }
    },
  }, field(`“${request.text}” means`, select), fields, told, el("p.buttons", send));
  node.replaceChildren(form);
  select.focus();
}

function control(name, takes, chosen, value, now, devices) {
  const props = { name, id: undefined };
  if (name === "area") return choice([["", "anywhere"], ...now.areas.map((area) => [area.name, area.name])], value ?? "", { name });
  if (name === "name") {
    const domain = chosen.function.split(".")[0];
    const own = devices.filter((one) => one.domain === domain);
    const names = [...new Set((own.length ? own : devices).map((one) => one.name))].sort((a, b) => a.localeCompare(b));
    return choice([["", "not named"], ...names.map((one) => [one, one])], value ?? "", { name });
  }
  if (takes.values) return choice([["", "—"], ...takes.values.map((one) => [one, one])], value ?? "", { name });
  if (["integer", "number"].includes(takes.type) && !["after", "duration"].includes(name)) {
    return el("input", { ...props, type: "number", min: takes.minimum, max: takes.maximum, step: takes.type === "integer" ? 1 : "any", value: value ?? "" });
  }
  return el("input", { ...props, type: "text", value: value ?? "", maxlength: 200, autocomplete: "off" });
}
