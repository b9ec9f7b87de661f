// The views, in the order of the navigation. Each module exports `show(root, page)`; see docs/contributing.md.

export const views = [
  { id: "now", name: "Now", load: () => import("/page/views/now.js") },
  { id: "house", name: "House", load: () => import("/page/views/house.js") },
  { id: "sensors", name: "Sensors", load: () => import("/page/views/sensors.js") },
];
