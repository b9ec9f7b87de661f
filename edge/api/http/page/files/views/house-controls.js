// Ways to act on a device, by its kind; everything goes the assistant's one path, which asks first where it must.

import { post } from "/page/shell/api.js";
import { choice, confirmed, el, field } from "/page/shell/dom.js";
import { worded } from "/page/views/format.js";

const MOMENTARY = ["button", "scene", "script", "notify", "event"];

/** How it is, in a few words. */
export function stateOf(device) {
  if (!device.available) return "off line";
  const { state, attributes } = device;
  const domain = device.id.split(".")[0];
  if (MOMENTARY.includes(domain)) return "";
  // A remote's key: what is done with it, by which it is told from the others.
  if (domain === "device_automation") return device.id.split("_action_")[1]?.replaceAll("_", " ") ?? "";
  if (state === null || state === undefined || state === "unknown") return "unknown";
  if (domain === "binary_sensor") return worded(device.id, device.device_class, state);
  if (domain === "update") return state === "on" ? "an update is there" : "up to date";
  if (domain === "light" && state === "on" && attributes.brightness) return `on, ${Math.round(attributes.brightness / 2.55)} %`;
  if (domain === "cover" && attributes.current_position > 0 && attributes.current_position < 100) return `open ${attributes.current_position} %`;
  if (domain === "fan" && state === "on" && attributes.percentage) return `on, ${attributes.percentage} %`;
  if (domain === "climate" && attributes.current_temperature !== undefined) {
    return `${state.replaceAll("_", " ")}, ${degrees(attributes.current_temperature)} now`;
  }
  if (domain === "media_player" && state !== "off" && attributes.media_title) return `${state}: ${attributes.media_title}`;
  if (device.unit) return `${tidy(state)} ${device.unit}`;
  return state.replaceAll("_", " ");
}

function tidy(state) {
  const number = Number(state);
  return Number.isFinite(number) && state.trim() !== "" ? String(Math.round(number * 100) / 100) : state;
}

function degrees(value) {
  return `${Math.round(value * 10) / 10}°`;
}

/** What it can be moved with; nothing where it only reads. */
export function control(device, page) {
  const make = CONTROLS[device.id.split(".")[0]];
  if (!make) return null;
  const node = el("div.acts", { role: "group", "aria-label": device.name });
  const told = el("p.told", { role: "status" });
  const act = async (name, given = {}) => {
    node.classList.add("busy");
    told.textContent = "";
    try {
      const text = await settled(await post("/page/house/act", { device: device.id, function: name, arguments: given }, { signal: page.signal }));
      told.textContent = text.failed ? text.text : "";
      page.say(text.text);
    } catch (error) {
      if (error.name !== "AbortError") told.textContent = error.message;
    } finally {
      node.classList.remove("busy");
    }
  };
  const draw = (now) => {
    const parts = make(now, act).flat().filter(Boolean);
    for (const part of parts) if (!now.available) for (const one of [part, ...part.querySelectorAll("button, input, select")]) one.disabled = true;
    const focused = node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    node.replaceChildren(...parts, told);
    if (focused) node.querySelector(`[data-key="${focused}"]`)?.focus();
  };
  node.addEventListener("state", (event) => {
    if (!(document.activeElement?.type === "range" && node.contains(document.activeElement))) draw(event.detail);
  });
  draw(device);
  return node;
}

/** The end of it: what is asked about first is asked here. */
export async function settled(reply) {
  let now = reply;
  while (now.listen) now = await post("/page/house/answer", { text: await answer(now) });
  const bad = now.outcomes.some((one) => ["unanswered", "unavailable", "unsupported", "refused"].includes(one));
  return { text: now.text, failed: bad || (!now.outcomes.length && now.text !== "" && now.text !== "All right, I left it.") };
}

async function answer(asked) {
  if (!asked.pin) return (await confirmed(asked.text)) ? "yes" : "no";
  const input = el("input", { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12, required: true });
  return new Promise((resolve) => {
    const form = el("form", { method: "dialog" }, el("p", asked.text), field("PIN", input),
      el("p.buttons", el("button", { value: "no", formnovalidate: true }, "Cancel"), el("button.primary", { value: "yes" }, "OK")));
    const dialog = el("dialog.ask", { "aria-label": "PIN" }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" && input.value ? input.value : "no");
    });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}

function button(text, key, onclick, { pressed, label } = {}) {
  return el("button", { type: "button", dataset: { key }, onclick, "aria-pressed": pressed === undefined ? null : String(pressed), "aria-label": label }, text);
}

/** On or off. */
function toggle(device, act, domain) {
  const on = !["off", "unknown", null, undefined, "unavailable", "standby"].includes(device.state);
  return el("button.toggle", { type: "button", role: "switch", "aria-checked": String(on), "aria-label": device.name, dataset: { key: "toggle" },
    onclick: (event) => {
      event.currentTarget.setAttribute("aria-checked", String(!on));
      act(`${domain}.turn_${on ? "off" : "on"}`);
    } });
}

/** A value that is set when it is let go of. */
function slider(label, value, set, { min = 0, max = 100, step = 1, unit = " %" } = {}) {
  const out = el("output.number", value === null ? "–" : `${value}${unit}`);
  const input = el("input", { type: "range", min, max, step, value: value ?? min, "aria-label": label, dataset: { key: label },
    oninput: () => { out.textContent = `${input.value}${unit}`; }, onchange: () => set(Number(input.value)) });
  return el("div.slide", input, out);
}

function takes(device, ...services) {
  return !device.services.length || services.some((service) => device.services.includes(service));
}

function number(value) {
  return Number.isFinite(value) ? value : null;
}

const CONTROLS = {
  light: (device, act) => {
    const dims = device.attributes.brightness !== undefined || device.options.brightness === true
      || (device.options.supported_color_modes ?? []).some((mode) => mode !== "onoff");
    const level = device.state === "on" && device.attributes.brightness ? Math.round(device.attributes.brightness / 2.55) : 0;
    return [toggle(device, act, "light"),
      dims && device.state === "on" ? slider("Brightness", level, (value) => act("light.set", { brightness: value })) : null];
  },
  switch: (device, act) => [toggle(device, act, "switch")],
  input_boolean: (device, act) => [toggle(device, act, "input_boolean")],
  siren: (device, act) => [toggle(device, act, "siren")],
  humidifier: (device, act) => [toggle(device, act, "humidifier")],
  fan: (device, act) => [toggle(device, act, "fan"),
    takes(device, "set_percentage") && device.state === "on" ? slider("Speed", number(device.attributes.percentage) ?? 0,
      (value) => (value ? act("fan.set_speed", { percentage: value }) : act("fan.turn_off"))) : null],
  cover: (device, act) => [
    el("div.ways", button(device.critical ? "Open …" : "Open", "open", () => act("cover.open"), { label: `${device.critical ? "Open …" : "Open"} ${device.name}` }),
      takes(device, "stop_cover", "stop") ? button("Stop", "stop", () => act("cover.stop"), { label: `Stop ${device.name}` }) : null,
      button("Close", "close", () => act("cover.close"), { label: `Close ${device.name}` })),
    number(device.attributes.current_position) !== null && !device.critical
      ? slider("Position", device.attributes.current_position, (value) => act("cover.set_position", { position: value })) : null],
  valve: (device, act) => [el("div.ways", button("Open …", "open", () => act("valve.open"), { label: `Open … ${device.name}` }),
    button("Close", "close", () => act("valve.close"), { label: `Close ${device.name}` }))],
  lock: (device, act) => [device.state === "locked"
    ? button("Unlock …", "lock", () => act("lock.unlock"), { label: `Unlock … ${device.name}` })
    : button("Lock", "lock", () => act("lock.lock"), { label: `Lock ${device.name}` })],
  climate: (device, act) => {
    const set = number(device.attributes.temperature);
    const step = device.options.target_temp_step ?? device.options.temp_step ?? 0.5;
    const modes = device.options.modes ?? device.options.hvac_modes ?? [];
    const go = (by) => act("climate.set_temperature", { temperature: Math.round((set + by) * 100) / 100 });
    return [set !== null ? el("div.ways", button("−", "less", () => go(-step), { label: `− ${device.name}, cooler` }),
      el("output.number", degrees(set)), button("+", "more", () => go(step), { label: `+ ${device.name}, warmer` })) : null,
      modes.length > 1 ? choice(modes.map((mode) => [mode, mode.replaceAll("_", " ")]), device.state,
        { "aria-label": `Mode of ${device.name}`, dataset: { key: "mode" }, onchange: (event) => act("climate.set_mode", { mode: event.target.value }) }) : null];
  },
  media_player: (device, act) => {
    const volume = number(device.attributes.volume_level);
    return [toggle(device, act, "media_player"),
      volume !== null && !["off", "standby"].includes(device.state) ? slider("Volume", Math.round(volume * 100), (value) => act("media_player.volume_set", { volume_level: value })) : null];
  },
  vacuum: (device, act) => [el("div.ways", button("Clean", "start", () => act("vacuum.start"), { label: `Clean with ${device.name}` }),
    button("Dock", "dock", () => act("vacuum.return_to_base"), { label: `Send ${device.name} to its dock` }))],
  lawn_mower: (device, act) => [el("div.ways", button("Mow", "start", () => act("lawn_mower.start_mowing"), { label: `Mow: ${device.name}` }), button("Dock", "dock", () => act("lawn_mower.dock"), { label: `Dock: ${device.name}` }))],
  alarm_control_panel: (device, act) => [device.state === "disarmed"
    ? button("Arm", "arm", () => act("alarm_control_panel.arm"), { label: `Arm ${device.name}` })
    : button("Disarm …", "arm", () => act("alarm_control_panel.disarm"), { label: `Disarm … ${device.name}` })],
  scene: (device, act) => [button("Start", "press", () => act("scene.turn_on"), { label: `Start ${device.name}` })],
  script: (device, act) => [button("Run", "press", () => act("script.turn_on"), { label: `Run ${device.name}` })],
  button: (device, act) => [button("Press", "press", () => act("button.press"), { label: `Press ${device.name}` })],
  select: (device, act) => [choice((device.options.options ?? []).map((one) => [one, one]), device.state,
    { "aria-label": device.name, dataset: { key: "option" }, onchange: (event) => act("select.select_option", { option: event.target.value }) })],
  number: (device, act) => [slider(device.name, number(Number(device.state)), (value) => act("number.set_value", { value }),
    { min: device.options.min ?? 0, max: device.options.max ?? 100, step: device.options.step ?? 1, unit: device.unit ? ` ${device.unit}` : "" })],
};
