// The shell: asks whether to log in, shows the view that the address names, and its place in the navigation.

import { get, onLockedOut, post } from "/page/shell/api.js";
import { el, problem } from "/page/shell/dom.js";
import { follow } from "/page/shell/live.js";
import { logIn } from "/page/shell/log-in.js";
import { views } from "/page/shell/views.js";

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const link = document.getElementById("link");
const said = document.getElementById("said");
let shown = null;

/** What a view is given beside its root. */
function pageFor(view, signal, cleanups) {
  return {
    /** Aborted when the view is left: pass it to `get` and `post`. */
    signal,
    /** The rest of the address: #/house/kitchen has ["kitchen"]. */
    path: location.hash.split("/").slice(2).map(decodeURIComponent),
    /** Say something to those who don't see it. */
    say: (text) => { said.textContent = text; },
    /** Follow topics until the view is left; see live.js. */
    follow: (topics, again) => cleanups.push(follow(topics, { again, changed: connected })),
    /** Have something done when the view is left. */
    leave: (cleanup) => cleanups.push(cleanup),
  };
}

function connected(is) {
  link.hidden = is;
  link.textContent = is ? "" : "Not connected";
}

function wanted() {
  const id = location.hash.split("/")[1];
  return views.find((view) => view.id === id) ?? views[0];
}

async function show() {
  leave();
  const view = wanted();
  const controller = new AbortController();
  const cleanups = [];
  const here = { view, controller, cleanups };
  shown = here;
  for (const item of nav.querySelectorAll("a")) {
    if (item.dataset.view === view.id) {
      item.setAttribute("aria-current", "page");
      item.scrollIntoView({ block: "nearest", inline: "center" });
    } else item.removeAttribute("aria-current");
  }
  if (!nav.querySelector("[aria-current]")) nav.querySelector("ul")?.scrollTo(0, 0);
  hint();
  document.title = `${view.name} · edge`;
  const root = el(`div.view.view-${view.id}`);
  try {
    const module = await view.load();
    if (shown !== here) return;
    main.replaceChildren(root);
    await module.show(root, pageFor(view, controller.signal, cleanups));
  } catch (error) {
    if (error.name !== "AbortError" && shown === here && error.status !== 401) main.replaceChildren(problem(error));
  }
}

function leave() {
  if (!shown) return;
  shown.controller.abort();
  for (const cleanup of shown.cleanups) cleanup();
  shown = null;
}

/** On a narrow screen not all views are to be seen at once: the bar fades out where there are more. */
function hint() {
  const list = nav.querySelector("ul");
  if (!list) return;
  list.classList.toggle("before", list.scrollLeft > 4);
  list.classList.toggle("after", list.scrollWidth - list.clientWidth - list.scrollLeft > 4);
}

function navigate(state, isNew) {
  nav.replaceChildren(el("ul", { onscroll: hint }, views.filter((view) => isNew || !view.once).map((view) =>
    el("li", el("a", { href: `#/${view.id}`, dataset: { view: view.id } }, view.name)))));
  if (state.session) {
    nav.append(el("button.out", { type: "button", onclick: logOut }, "Log out"));
  }
}

async function logOut() {
  await post("/page/log-out");
  location.reload();
}

async function start() {
  leave();
  nav.replaceChildren();
  connected(true);
  try {
    const state = await get("/page/session");
    if (!state.open) {
      logIn(main, state, start);
      return;
    }
    const { wanted: isNew } = await get("/page/first-run/wanted");
    navigate(state, isNew);
    if (isNew && !location.hash) history.replaceState(null, "", "#/first-run");
    await show();
  } catch (error) {
    main.replaceChildren(problem(error), el("p", el("button", { type: "button", onclick: start }, "Try again")));
  }
}

onLockedOut(() => { if (shown) start(); });
addEventListener("resize", hint);
addEventListener("hashchange", async () => {
  if (!shown) return;
  await show();
  main.focus({ preventScroll: true });
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
start();
