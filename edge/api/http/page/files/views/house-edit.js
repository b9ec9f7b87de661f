// Forms for what is written down of a device or an area: held at once, and kept.

import { post } from "/page/shell/api.js";
import { choice, el, field, problem } from "/page/shell/dom.js";

/** `then` gets the device as it is after saving; `close` is called where nothing is changed. */
export function deviceForm(device, house, page, then, close) {
  const { written } = device;
  const found = device.aliases.filter((alias) => !written.aliases.includes(alias));
  const name = el("input", { type: "text", value: written.name, placeholder: device.name, maxlength: 200 });
  const area = choice([["", "as the device says"], ...house.areas.map((one) => [one.id, one.name])], written.area);
  const aliases = names(written.aliases);
  const confirm = choice([["usual", device.critical ? "yes, as it lets somebody in" : "no, as usual"], ["always", "yes, always"], ["never", "no, never"]], written.confirm);
  const exposed = el("input", { type: "checkbox", checked: device.exposed });
  const send = () => post("/page/house/device", { id: device.id, name: name.value, area: area.value, aliases: lines(aliases),
    confirm: confirm.value, exposed: exposed.checked }, { signal: page.signal });
  return form(page, close, async () => {
    const { device: changed, doubts } = await send();
    return [doubts, () => then(changed)];
  },
    field("Name", name), field("Room", area),
    field("Also called", aliases, found.length ? `One a line. Beside: ${found.join(", ")}` : "One a line."),
    field("Ask before it is moved", confirm),
    el("label.check", exposed, " The assistant knows it"),
    el("p.hint", el("code", device.id), device.group ? ` · ${device.group}` : ""));
}

export function areaForm(area, house, page, then, close) {
  const name = el("input", { type: "text", value: area.name, required: true, maxlength: 200 });
  const floor = choice([["", "none"], ...house.floors.map((one) => [one.id, one.name])], area.floor ?? "");
  const aliases = names(area.aliases);
  return form(page, close, async () => {
    const { area: changed } = await post("/page/house/area", { id: area.id, name: name.value, floor: floor.value, aliases: lines(aliases) }, { signal: page.signal });
    return [[], () => then({ ...changed, floor: floor.value || area.floor })];
  }, field("Name", name), house.floors.length ? field("Floor", floor) : null, field("Also called", aliases, "One a line."));
}

function names(known) {
  return el("textarea", { rows: Math.max(2, known.length), value: known.join("\n"), maxlength: 4000 });
}

function lines(area) {
  return area.value.split("\n").map((one) => one.trim()).filter(Boolean);
}

function form(page, close, save, ...parts) {
  const told = el("div", { role: "status" });
  const button = el("button.primary", { type: "submit" }, "Save");
  const node = el("form.edit", {
    onsubmit: async (event) => {
      event.preventDefault();
      button.disabled = true;
      try {
        const [doubts, then] = await save();
        page.say("Saved");
        if (!doubts.length) {
          then();
          return;
        }
        const done = el("button", { type: "button", onclick: then }, "All right");
        told.replaceChildren(el("p.good", "Saved."), doubts.map((one) => el("p.notice", one)), done);
        done.focus();
      } catch (error) {
        button.disabled = false;
        if (error.name !== "AbortError") told.replaceChildren(problem(error));
      }
    },
    onkeydown: (event) => { if (event.key === "Escape") close(); },
  }, parts, told, el("p.buttons", button, el("button", { type: "button", onclick: close }, "Cancel")));
  queueMicrotask(() => node.querySelector("input, select")?.focus());
  return node;
}
