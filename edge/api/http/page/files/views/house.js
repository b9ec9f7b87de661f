// House: floors, areas, devices and their states.

import { get } from "/page/shell/api.js";
import { el } from "/page/shell/dom.js";

export async function show(root, page) {
  const draw = async () => {
    const house = await get("/page/house", { signal: page.signal });
    root.replaceChildren(el("h1", "House"), el("ul", house.devices.map((device) =>
      el("li", { dataset: { device: device.id } }, device.name, ": ", el("span.state", device.state ?? "unknown")))));
  };
  await draw();
  page.follow({
    house: ({ device }) => {
      const found = root.querySelector(`[data-device="${CSS.escape(device.id)}"] .state`);
      if (found) found.textContent = device.state ?? "unknown";
    },
  }, draw);
}
