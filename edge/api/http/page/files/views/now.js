// Now: the rooms, what is asked, wherever, what the assistant makes of it and what comes of that; and a way to ask.

import { get, post, stream } from "/page/shell/api.js";
import { choice, el, problem } from "/page/shell/dom.js";
import { card } from "/page/views/now-request.js";

const MOST = 30;
const STATES = {
  idle: "Waiting for its name", listening: "Listening", thinking: "Thinking", speaking: "Speaking",
  following_up: "Listening for an answer", muted: "Muted", off: "Hears nothing here",
};

export async function show(root, page) {
  const room = el("section.room", { "aria-label": "Rooms" });
  const list = el("ol.requests");
  const empty = el("p.quiet", "Nothing was asked since the start. What is said in a room, typed here or sent over MQTT appears here.");
  let now = { areas: [], teaches: false };
  const asking = askBox(page, () => now);

  function add(request, open) {
    for (const other of list.querySelectorAll("details[data-auto]")) {
      if (!other.contains(document.activeElement) && !other.querySelector(".correct")) other.open = false;
    }
    const made = card(request, { page, now, open, again: asking.ask });
    const before = list.querySelector(`[data-id="${CSS.escape(request.id)}"]`);
    if (before) before.replaceWith(made);
    else list.prepend(made);
    while (list.children.length > MOST) list.lastElementChild.remove();
    empty.hidden = list.children.length > 0;
  }

  async function load() {
    now = await get("/page/now", { signal: page.signal });
    drawRoom(room, now.room);
    asking.areas(now.areas);
    list.replaceChildren();
    for (const request of [...now.requests].reverse()) add(request, false);
    empty.hidden = list.children.length > 0;
  }

  await load();
  root.append(el("div.head", el("h1", "Now"), room), asking.node,
    el("section.lately", { "aria-labelledby": "lately" }, el("h2#lately", "Lately"), empty, list));
  page.follow({
    now: (told) => {
      if (told.room) drawRoom(room, told.room);
      if (told.request) add(told.request, true);
    },
  }, load);
}

/** The rooms that hear, each with what it does now. */
function drawRoom(node, room) {
  const rooms = [["Here", room], ...Object.entries(room.satellites ?? {})];
  node.replaceChildren(...rooms.map(([name, one]) => {
    const state = one.state ?? "off";
    const act = (action, text) => el("button.plain", { type: "button", onclick: () => tell(node, action) }, text);
    const here = one === room && state !== "off";
    return el("div.hears", { dataset: { state } },
      el("span.lamp", { "aria-hidden": "true" }),
      el("span", rooms.length > 1 ? `${name}: ` : "", STATES[state] ?? state,
        one.trouble ? el("span.why", `: ${one.trouble}`) : null),
      here && state !== "muted" ? act("start", "Listen") : null,
      here ? act(state === "muted" ? "unmute" : "mute", state === "muted" ? "Unmute" : "Mute") : null);
  }));
}

async function tell(node, action) {
  node.querySelector(".problem")?.remove();
  try {
    await post("/page/now/listen", { action });
  } catch (error) {
    node.append(problem(error));
  }
}

/** The line to type into, with what is answered below it. */
function askBox(page, now) {
  const input = el("input", { type: "text", name: "text", autocomplete: "off", autocapitalize: "off", maxlength: 2000,
    required: true, "aria-label": "Say something to the assistant", placeholder: "turn on the hall light", enterkeyhint: "send" });
  let where = choice([["", "anywhere"]], "", { name: "area", "aria-label": "Where you are" });
  const button = el("button.primary", { type: "submit" }, "Ask");
  const said = el("div.dialogue", { role: "log", "aria-live": "polite", "aria-label": "Conversation", tabIndex: 0, hidden: true });
  const form = el("form.asking", {
    onsubmit: (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (!text) return;
      input.value = "";
      ask(text);
    },
  }, input, where, button);

  async function ask(text) {
    const answer = el("p.theirs.waiting", "…");
    for (const old of said.querySelectorAll(".quick")) old.remove();
    said.hidden = false;
    said.append(el("p.mine", text), answer);
    said.scrollTop = said.scrollHeight;
    let streamed = "";
    try {
      for await (const piece of stream("/page/now/ask", { text, area: where.value || null }, { signal: page.signal })) {
        if (piece.text) {
          streamed += piece.text;
          answer.classList.remove("waiting");
          answer.textContent = streamed;
        }
        if (piece.reply) finish(answer, piece.reply);
      }
    } catch (error) {
      if (error.name !== "AbortError") answer.replaceWith(problem(error));
    }
    said.scrollTop = said.scrollHeight;
  }

  function finish(answer, reply) {
    answer.classList.remove("waiting");
    answer.textContent = reply.text || "(Nothing to say to that.)";
    answer.classList.toggle("quiet", !reply.text);
    if (!reply.listen) return;
    const asked = question(reply.text);
    const quick = reply.choices.length ? reply.choices : /^(shall|do you|is that|are you)/i.test(asked) && !/\bPIN\b/.test(asked) ? ["Yes", "No"] : [];
    if (quick.length) {
      said.append(el("p.buttons.quick", quick.map((word) => el("button", { type: "button", onclick: () => ask(word) }, word))));
    }
    input.focus();
  }

  return {
    node: el("section.talk", { "aria-label": "Ask" }, said, form),
    ask,
    areas: (areas) => {
      const fresh = choice([["", "anywhere"], ...areas.map((area) => [area.id, area.name])], where.value,
        { name: "area", "aria-label": "Where you are" });
      where.replaceWith(fresh);
      where = fresh;
    },
  };
}

/** The last sentence of a reply. */
function question(text) {
  return text.split(/(?<=[.!?])\s+/).at(-1) ?? "";
}
