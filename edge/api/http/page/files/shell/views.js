// The views, in the order of the navigation. Each module exports `show(root, page)`; see docs/contributing.md. What is `once` stands
// there until it is done.

export const views = [
  { id: "now", name: "Now", load: () => import("/page/views/now.js") },
  { id: "house", name: "House", load: () => import("/page/views/house.js") },
  { id: "sensors", name: "Sensors", load: () => import("/page/views/sensors.js") },
  { id: "plans", name: "Plans", load: () => import("/page/views/plans.js") },
  { id: "model", name: "Model", load: () => import("/page/views/model.js") },
  { id: "health", name: "Health", load: () => import("/page/views/health.js") },
  { id: "settings", name: "Settings", load: () => import("/page/views/settings.js") },
  { id: "first-run", name: "First run", load: () => import("/page/views/first-run.js"), once: true },
];
