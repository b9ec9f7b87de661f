// Builds elements out of data: texts become text nodes, whatever is in them.

/** el("button.primary#go", {type: "button", onclick: …}, "Go"): tag, classes and id, then properties, then children. */
export function el(what, ...rest) {
  const [, tag, id, classes] = /^([a-z0-9]*)(?:#([\w-]+))?((?:\.[\w-]+)*)$/.exec(what) ?? [null, "div", "", ""];
  const node = document.createElement(tag || "div");
  if (id) node.id = id;
  if (classes) node.className = classes.slice(1).replaceAll(".", " ");
  for (const one of rest.flat(Infinity)) add(node, one);
  return node;
}

function add(node, one) {
  if (one === null || one === undefined || one === false || one === "") return;
  if (one instanceof Node) node.append(one);
  else if (typeof one === "object") set(node, one);
  else node.append(String(one));
}

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "indeterminate", "open", "selected", "tabIndex"]);

/** Attributes, properties and listeners; nothing that a text could be run as. */
export function set(node, values) {
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith("on")) {
      if (typeof value === "function") node.addEventListener(name.slice(2), value);
    } else if (name === "style") {
      for (const [property, text] of Object.entries(value)) node.style.setProperty(property, text);
    } else if (name === "dataset") {
      Object.assign(node.dataset, value);
    } else if (PROPERTIES.has(name)) {
      node[name] = value;
    } else if (name === "href") {
      if (/^(#|\/(?!\/))/.test(String(value))) node.setAttribute(name, value);
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** The same for drawings: svg("path", {d: …}). */
export function svg(tag, ...rest) {
  const node = document.createElementNS(SVG, tag);
  for (const one of rest.flat(Infinity)) add(node, one);
  return node;
}

/** A label with its control in one line or two. */
export function field(label, control, hint) {
  const id = control.id || `f${++fields}`;
  control.id = id;
  const told = hint ? el("small.hint", { id: `${id}-hint` }, hint) : null;
  if (told) control.setAttribute("aria-describedby", told.id);
  return el("div.field", el("label", { for: id }, label), control, told);
}
let fields = 0;

/** A list of choices: [[value, text], …]. */
export function choice(options, value, props = {}) {
  return el("select", props, options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)));
}

/** What goes wrong, where it went wrong. */
export function problem(error) {
  return el("p.problem", { role: "alert" }, error?.message ?? String(error));
}

/** Asks in a dialog of the page; resolves to whether it was confirmed. */
export function confirmed(question, yes = "Yes", no = "Cancel") {
  return new Promise((resolve) => {
    const id = `ask${++fields}`;
    const dialog = el("dialog.ask", { "aria-labelledby": id },
      el("form", { method: "dialog" },
        el(`p#${id}`, question),
        el("p.buttons",
          el("button", { value: "no" }, no),
          el("button.primary", { value: "yes" }, yes))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
