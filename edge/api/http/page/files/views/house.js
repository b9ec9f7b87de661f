// House: floors, areas and devices with their states, ways to act, and what is written down of them.

import { get } from "/page/shell/api.js";
import { el } from "/page/shell/dom.js";
import { areaForm, deviceForm } from "/page/views/house-edit.js";
import { control, stateOf } from "/page/views/house-controls.js";

const ORDER = ["light", "switch", "cover", "climate", "fan", "lock", "media_player", "vacuum", "alarm_control_panel"];
const READS = ["sensor", "binary_sensor", "event", "update", "device_tracker"];

export async function show(root, page) {
  let house = null;
  const rows = new Map();
  const plan = el("div.plan");
  const search = el("input", { type: "search", placeholder: "Find a device or a room", "aria-label": "Find a device or a room",
    oninput: () => filter() });
  const count = el("p.quiet.number", { role: "status" });

  async function load() {
    house = await get("/page/house", { signal: page.signal });
    draw();
  }

  function draw() {
    rows.clear();
    const floors = [...house.floors, { id: null, name: house.floors.length ? "Elsewhere" : "" }];
    plan.replaceChildren(...floors.map((floor) => storey(floor)).filter(Boolean));
    filter();
  }

  function storey(floor) {
    const known = new Set(house.floors.map((one) => one.id));
    const areas = house.areas.filter((area) => (known.has(area.floor) ? area.floor : null) === floor.id);
    const rooms = areas.map((area) => room(area)).filter(Boolean);
    if (floor.id === null) rooms.push(room(null));
    const there = rooms.filter(Boolean);
    if (!there.length) return null;
    return el("section.floor", { "aria-label": floor.name || "Rooms" }, floor.name ? el("h2", floor.name) : null, el("div.rooms", there));
  }

  function room(area) {
    const ids = new Set(house.areas.map((one) => one.id));
    const inside = house.devices.filter((device) => (ids.has(device.area) ? device.area : null) === (area?.id ?? null));
    if (!inside.length) return null;
    const plain = inside.filter((device) => !device.category).sort(byKind);
    const technical = inside.filter((device) => device.category).sort(byKind);
    const name = area?.name ?? "In no room";
    const head = el("div.roomhead", el("h3", name), area ? el("button.plain", { type: "button", "aria-label": `Edit ${name}`, onclick: () => {
      head.replaceWith(areaForm(area, house, page, (changed) => {
        Object.assign(area, changed);
        draw();
      }, draw));
    } }, "Edit") : null);
    const node = el("section.place.card", { "aria-label": name, dataset: { name: [name, ...(area?.aliases ?? [])].join(" ").toLowerCase() } },
      head, el("ul.devices", plain.map(row)));
    if (technical.length) {
      node.append(el("details.technical", el("summary", `${technical.length} more of a technical kind`), el("ul.devices", technical.map(row))));
    }
    return node;
  }

  function row(device) {
    const item = el("li.device", { dataset: { device: device.id, name: words(device) } });
    rows.set(device.id, item);
    fill(item, device);
    return item;
  }

  function fill(item, device) {
    item.dataset.name = words(device);
    item.classList.toggle("away", !device.available);
    const name = el("button.name", { type: "button", "aria-expanded": "false", onclick: () => edit(item, device, name) }, device.name,
      device.exposed ? null : el("span.tag", "not known to the assistant"));
    const ways = control(device, page);
    item.classList.toggle("reads", !ways);
    item.replaceChildren(name, el("span.state", { dataset: { state: device.state ?? "" } }, stateOf(device)), ...(ways ? [ways] : []));
  }

  function edit(item, device, name) {
    const open = item.querySelector(".edit");
    name.setAttribute("aria-expanded", String(!open));
    if (open) {
      open.remove();
      return;
    }
    const close = () => {
      item.querySelector(".edit")?.remove();
      name.setAttribute("aria-expanded", "false");
      name.focus();
    };
    item.append(deviceForm(device, house, page, (changed) => {
      take(changed);
      draw();
      rows.get(changed.id)?.querySelector(".name")?.focus();
    }, close));
  }

  function take(device) {
    const at = house.devices.findIndex((one) => one.id === device.id);
    if (at < 0) house.devices.push(device);
    else house.devices[at] = device;
    return at >= 0;
  }

  /** One that has changed: redrawn in place, unless somebody is just at it. */
  function changed(device) {
    const before = house.devices.find((one) => one.id === device.id);
    const known = take(device);
    const item = rows.get(device.id);
    const moved = !known || !item || before.area !== device.area || before.name !== device.name;
    if (moved) {
      if (!plan.querySelector(".edit")) draw();
      return;
    }
    const editing = item.querySelector(".edit");
    if (editing || item.contains(document.activeElement)) {
      const state = item.querySelector(".state");
      state.textContent = stateOf(device);
      state.dataset.state = device.state ?? "";
      if (!editing) item.querySelector(".acts")?.dispatchEvent(new CustomEvent("state", { detail: device }));
      return;
    }
    fill(item, device);
  }

  function filter() {
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    for (const place of plan.querySelectorAll(".place")) {
      const whole = !wanted || place.dataset.name.includes(wanted);
      let any = false;
      for (const item of place.querySelectorAll(".device")) {
        item.hidden = !whole && !item.dataset.name.includes(wanted);
        any ||= !item.hidden;
        shown += item.hidden ? 0 : 1;
      }
      place.hidden = !any;
    }
    for (const floor of plan.querySelectorAll(".floor")) floor.hidden = !floor.querySelector(".place:not([hidden])");
    count.textContent = house ? `${shown} ${shown === 1 ? "device" : "devices"}` : "";
  }

  await load();
  root.append(el("div.head", el("h1", "House"), el("div.find", search, count)), plan);
  if (!house.devices.length) {
    plan.append(el("p.quiet", "No devices yet. They appear as soon as they announce themselves on the broker, or in Home Assistant."));
  }
  page.follow({
    house: ({ devices, removed }) => {
      for (const device of devices) changed(device);
      if (removed.length) {
        house.devices = house.devices.filter((device) => !removed.includes(device.id));
        if (!plan.querySelector(".edit")) draw();
      }
    },
  }, load);
}

function words(device) {
  return [device.name, ...device.aliases, device.id].join(" ").toLowerCase();
}

function byKind(one, other) {
  return rank(one) - rank(other) || one.name.localeCompare(other.name);
}

function rank(device) {
  const domain = device.id.split(".")[0];
  const at = ORDER.indexOf(domain);
  return at >= 0 ? at : READS.includes(domain) ? 99 : 50;
}
