// The form that asks for the password.

import { post } from "/page/shell/api.js";
import { el, field, problem } from "/page/shell/dom.js";

/** Shows the form in `root`; `then` is called once the password was right. */
export function logIn(root, state, then) {
  if (!state.password) {
    root.replaceChildren(el("section.door", el("h1", "There is no password yet"),
      el("p", "This page can be reached from the network, so it needs one. On the machine itself, ",
        el("code", "edge config token add password"), " makes one and prints it, once.")));
    return;
  }
  const input = el("input", { type: "password", name: "password", autocomplete: "current-password", required: true });
  const button = el("button.primary", { type: "submit" }, "Log in");
  const told = el("div");
  const form = el("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      button.disabled = true;
      told.replaceChildren();
      try {
        await post("/page/log-in", { password: input.value });
        then();
      } catch (error) {
        told.replaceChildren(problem(error));
        input.select();
      } finally {
        button.disabled = false;
      }
    },
  }, field("Password", input), told, el("p", button));
  root.replaceChildren(el("section.door", el("h1", "Log in"), form,
    el("p.hint", "The password of a flashed appliance stands in edge-password.txt on its card, until it is changed.")));
  input.focus();
}
