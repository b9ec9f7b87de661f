// Now: what is asked, wherever, and what becomes of it; and a way to ask.

import { get, stream } from "/page/shell/api.js";
import { el, problem } from "/page/shell/dom.js";

export async function show(root, page) {
  const now = await get("/page/now", { signal: page.signal });
  const list = el("ol.requests", now.requests.map(request).reverse());
  const input = el("input", { type: "text", name: "text", autocomplete: "off", maxlength: 2000, required: true,
    "aria-label": "Ask the assistant", placeholder: "turn on the hall light" });
  const answer = el("div.answer", { "aria-live": "polite" });
  const form = el("form.asking", {
    onsubmit: async (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (!text) return;
      input.value = "";
      answer.replaceChildren();
      try {
        for await (const piece of stream("/page/now/ask", { text }, { signal: page.signal })) {
          if (piece.text) answer.append(piece.text);
        }
      } catch (error) {
        answer.replaceChildren(problem(error));
      }
    },
  }, input, el("button.primary", { type: "submit" }, "Ask"));
  root.append(el("h1", "Now"), form, answer, list);
  page.follow({
    now: (told) => { if (told.request) list.prepend(request(told.request)); },
  }, async () => {
    const fresh = await get("/page/now", { signal: page.signal });
    list.replaceChildren(...fresh.requests.map(request).reverse());
  });
}

function request(one) {
  return el("li.request", el("p.asked", one.text), el("p.replied", one.reply), el("p.facts", `${one.decision} · ${one.ms} ms`));
}
