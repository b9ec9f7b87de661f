// First run: some questions, one after the other. Each can be skipped, and gone on with after a reload or a restart.

import { get, post } from "/page/shell/api.js";
import { choice, el, field, problem } from "/page/shell/dom.js";
import { bytes, figure } from "/page/views/format.js";
import { returned } from "/page/views/health.js";
import { jobBoard } from "/page/views/jobs.js";

const TITLES = {
  name: "Its name", room: "Its room", language: "Language", broker: "The MQTT broker", "home-assistant": "Home Assistant",
  sound: "Microphone and loudspeaker", "wake-word": "Wake word", model: "Language model",
};

export async function show(root, page) {
  let told = await get("/page/first-run", { signal: page.signal });
  let at = page.path[0] ?? null;
  let live = null;
  const head = el("div");
  const body = el("section.step.stack", { tabindex: -1 });
  const trouble = el("div", { "aria-live": "assertive" });
  root.append(el("h1", "First run"), head, body, trouble);

  const open = () => told.steps.find((step) => step.state === "open")?.id ?? "end";

  function draw() {
    at ??= open();
    live = null;
    trouble.replaceChildren();
    head.replaceChildren(el("ol.steps", told.steps.map((step, index) => {
      const sign = step.state === "done" ? "✓" : step.state === "skipped" ? "–" : String(index + 1);
      const name = `${sign} ${TITLES[step.id]}${step.state === "open" ? "" : `, ${step.state}`}`;
      return el(`li.${step.state}`, el("button.plain", {
        type: "button", "aria-current": step.id === at ? "step" : null, "aria-label": name, onclick: () => go(step.id),
      }, el("span.dot", sign), " ", el("span.step-name", TITLES[step.id])));
    })));
    if (at === "end") {
      end();
      return;
    }
    const number = told.steps.findIndex((step) => step.id === at) + 1;
    body.replaceChildren(el("p.quiet", `Step ${number} of ${told.steps.length}`), el("h2", TITLES[at]));
    STEPS[at]();
  }

  function go(step) {
    at = step;
    draw();
    body.focus({ preventScroll: true });
  }

  async function doing(work, button) {
    trouble.replaceChildren();
    if (button) button.disabled = true;
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") trouble.replaceChildren(problem(error));
    } finally {
      if (button) button.disabled = false;
    }
  }

  const save = (changes, secrets = {}) => get("/page/settings", { signal: page.signal }).then(({ etag }) => post("/page/settings", { changes, secrets, etag }));

  async function finish(skipped) {
    told = await post("/page/first-run/step", { step: at, skipped });
    const ids = told.steps.map((step) => step.id);
    const next = ids.slice(ids.indexOf(at) + 1).find((id) => told.steps.find((step) => step.id === id).state === "open");
    go(next ?? open());
  }

  /** The end of a step: what it saves, then the next one; or none of it. */
  function buttons(work, label = "Save and go on") {
    const primary = el("button.primary", { type: "submit" }, label);
    return { primary, row: el("p.buttons", primary, el("button", { type: "button", onclick: () => doing(() => finish(true)) }, "Skip this")) };
  }

  function form(parts, work, label) {
    const { primary, row } = buttons(work, label);
    body.append(el("form.stack", {
      novalidate: true, onsubmit: (event) => {
        event.preventDefault();
        doing(async () => {
          await work();
          await finish(false);
        }, primary);
      },
    }, parts, row));
  }

  const STEPS = {
    name() {
      const input = el("input", { type: "text", value: told.name, autocomplete: "off", spellcheck: "false", maxlength: 64, pattern: "[a-z0-9_\\-]+" });
      form([el("p", "What is this appliance called? Its MQTT topics and its device in Home Assistant have this name."),
        field("Name", input, `Letters a–z, digits, - and _. The machine itself is reached as ${told.host}.local.`)], () => (input.value === told.name ? null : save({ node: input.value })));
    },
    room() {
      const names = told.areas.map((area) => area.name);
      const input = el("input", { type: "text", value: told.areas.find((area) => area.id === told.area)?.name ?? told.area ?? "", list: "areas", autocomplete: "off", maxlength: 200 });
      form([el("p", "Which room is it in? “The light” is then the one there."), field("Room", input, names.length ? `There are ${names.join(", ")}.` : "Rooms are found with your devices; a new name makes a new one."),
        el("datalist", { id: "areas" }, names.map((name) => el("option", { value: name })))], () => post("/page/first-run/room", { name: input.value }));
    },
    language() {
      const language = choice(Object.entries(told.languages), told.language);
      const units = choice([["metric", "Celsius, metres"], ["imperial", "Fahrenheit, feet"]], told.units);
      const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const zone = el("input", { type: "text", value: told.timezone ?? here, autocomplete: "off", spellcheck: "false" });
      form([el("p", "What is spoken here, and how is it measured?"), field("Language", language, "English is what there is today."), field("Units", units), field("Time zone", zone, `This browser is in ${here}.`)],
        () => save({ language: language.value, units: units.value, timezone: zone.value.trim() || null }));
    },
    broker() {
      const { broker } = told;
      const own = el("input", { type: "radio", name: "which", checked: !broker.host });
      const other = el("input", { type: "radio", name: "which", checked: Boolean(broker.host) });
      const host = el("input", { type: "text", value: broker.host ?? "", autocomplete: "off", spellcheck: "false" });
      const port = el("input", { type: "number", min: 1, max: 65535, value: broker.port ?? "", placeholder: "1883" });
      const user = el("input", { type: "text", value: broker.username ?? "", autocomplete: "off", spellcheck: "false" });
      const password = el("input", { type: "password", autocomplete: "new-password", placeholder: broker.password ? "is set; type to change it" : "" });
      const tls = el("input", { type: "checkbox", checked: broker.tls });
      const result = el("div", { "aria-live": "polite" });
      const where = el("div.stack", field("Address", host), el("div.pair", field("Port", port), field("User", user)), field("Password", password), el("label.check", tls, "encrypted (TLS)"),
        el("p", el("button", { type: "button", onclick: (event) => doing(tryIt, event.target) }, "Try it")), result);
      const changed = () => { where.hidden = own.checked; };
      own.addEventListener("change", changed);
      other.addEventListener("change", changed);
      const asked = () => ({ broker: host.value.trim(), port: port.value ? Number(port.value) : null, username: user.value || null, tls: tls.checked });
      async function tryIt() {
        result.replaceChildren(el("p.quiet", "Trying …"));
        const tried = await post("/page/first-run/try-broker", { ...asked(), password: password.value || null }, { signal: page.signal });
        result.replaceChildren(el(tried.ok ? "p.good" : "p.problem", tried.text, tried.remedy ? ` → ${tried.remedy}` : ""));
      }
      changed();
      form([el("p", `Devices of the house speak MQTT with a broker. Now: ${broker.own ? "edge's own, on this machine alone" : `${broker.host ?? "none"}, ${broker.state}`}. ${told.devices} devices were found.`),
        finder("mqtt", "Look for brokers on the network", "No broker announces itself. Type its address, if there is one.", (one) => {
          other.checked = true;
          host.value = one.host;
          port.value = one.port;
          tls.checked = one.tls;
          changed();
        }),
        el("fieldset.plain", el("legend", "Which broker?"), el("label.check", own, "edge's own, started on this machine"), el("label.check", other, "one that is there already")), where],
      () => {
        const values = own.checked ? { broker: null, port: null, username: null, tls: null } : asked();
        if (!own.checked && !values.broker) throw new Error("Address: expected the broker's name or address.");
        return save(Object.fromEntries(Object.entries(values).map(([key, value]) => [`mqtt.${key}`, value === false ? null : value])),
          own.checked ? { "mqtt.password": null } : password.value ? { "mqtt.password": password.value } : {});
      });
    },
    "home-assistant"() {
      const url = el("input", { type: "text", value: told.home_assistant.url ?? "", placeholder: "http://homeassistant.local:8123", autocomplete: "off", spellcheck: "false" });
      const token = el("input", { type: "password", autocomplete: "new-password", placeholder: told.home_assistant.token ? "is set; type to change it" : "" });
      const result = el("div", { "aria-live": "polite" });
      form([el("p", "Is there a Home Assistant? Its devices can be moved from here too. Without one, skip this."),
        finder("home-assistant", "Look for Home Assistant", "No Home Assistant announces itself.", (one) => { url.value = one.url; }),
        field("Address", url), field("Token", token, "On your profile page there, under Security: a long-lived access token."),
        el("p", el("button", {
          type: "button", onclick: (event) => doing(async () => {
            result.replaceChildren(el("p.quiet", "Trying …"));
            const tried = await post("/page/first-run/try-home-assistant", { url: url.value.trim(), token: token.value || null }, { signal: page.signal });
            result.replaceChildren(el(tried.ok ? "p.good" : "p.problem", tried.text));
          }, event.target),
        }, "Try it")), result],
      () => {
        if (!url.value.trim()) throw new Error("Address: expected one such as http://homeassistant.local:8123, or skip this.");
        return save({ "homeassistant.url": url.value.trim() }, token.value ? { "homeassistant.token": token.value } : {});
      });
    },
    sound() {
      const level = el("meter", { min: -70, max: 0, low: -55, high: -6, optimum: -25, value: -70, "aria-label": "Level of the microphone" });
      const words = el("p.number", { role: "status" }, "…");
      const state = el("p.quiet");
      let loudest = -96;
      live = (message) => {
        if (message.room) state.textContent = message.room.trouble ?? `The microphone is open; the room is ${message.room.state?.replaceAll("_", " ")}.`;
        if (message.level === undefined) return;
        level.value = message.level;
        loudest = Math.max(message.level, loudest - 0.6);
        words.textContent = message.clipped ? "Too loud: turn its gain down." : `${Math.round(message.level)} dB${loudest > -45 ? ": it hears you well" : ": speak, as you would to it"}`;
      };
      live({ room: told.room });
      const microphone = el("select", el("option", { value: "" }, "the likeliest"));
      const loudspeaker = el("select", el("option", { value: "" }, "the likeliest"));
      const found = el("p.quiet");
      doing(async () => {
        const { found: sound } = await post("/page/first-run/look", { what: "sound" }, { signal: page.signal });
        for (const [select, devices, chosen] of [[microphone, sound.microphones, told.sound.microphone], [loudspeaker, sound.loudspeakers, told.sound.loudspeaker]]) {
          select.append(...devices.map((one) => el("option", { value: one.name }, one.title, one.likeliest ? " (likeliest)" : "")));
          if (chosen && !devices.some((one) => one.name === chosen)) select.append(el("option", { value: chosen }, chosen, " (not there now)"));
          select.value = chosen ?? "";
        }
        found.textContent = sound.trouble || (sound.microphones.length + sound.loudspeakers.length ? "" : "No sound device was found: plug one in, then load this page again.");
      });
      form([el("p", "Speak, and watch the bar. Then hear how it sounds."), el("div.card.stack", el("p", el("strong", "Level")), level, words, state),
        el("p", el("button", { type: "button", onclick: (event) => doing(() => post("/page/first-run/speak", {}, { signal: page.signal }), event.target) }, "Say something")),
        field("Microphone", microphone), field("Loudspeaker", loudspeaker, "Another one is used once the service has started again."), found],
      () => save({ "speech.microphone": microphone.value || null, "speech.loudspeaker": loudspeaker.value || null }));
    },
    "wake-word"() {
      const heard = el("p.big", { role: "status" }, "Say it now …");
      const state = el("p.quiet");
      const { room } = told;
      let times = 0;
      live = (message) => {
        if (message.room) state.textContent = message.room.trouble ?? "";
        if (!message.woken) return;
        times += 1;
        heard.textContent = `Heard “${message.woken.replaceAll("_", " ")}”${message.probability ? `, ${Math.round(message.probability * 100)} % sure` : ""}. ${times === 1 ? "Once." : `${times} times.`}`;
      };
      live({ room });
      const options = room.wake_words.length ? room.wake_words : [room.wake_word];
      const word = choice(options.map((one) => [one, one.replaceAll("_", " ")]), room.wake_word, {
        onchange: () => doing(async () => {
          await post("/page/first-run/wake-word", { word: word.value }, { signal: page.signal });
          times = 0;
          heard.textContent = `Say “${word.value.replaceAll("_", " ")}” now …`;
        }),
      });
      form([el("p", "What it listens for. Say it three times, from where you usually are."), field("Wake word", word), el("div.card", heard, state)], () => null, "Go on");
    },
    model() {
      const list = el("div.stack");
      const board = jobBoard(["pull"], page, () => { told.pulled = true; });
      live = (message) => { if (message.kind) board.take(message); };
      form([el("p", "Lamps, timers and questions about the house need no language model. With one it can talk about the rest too, on this machine alone."),
        told.model ? el("p.good", `${told.model} answers now.`) : "",
        el("p", el("button", {
          type: "button", onclick: (event) => doing(async () => {
            list.replaceChildren(el("p.quiet", { role: "status" }, "Measuring this machine; that takes some seconds …"));
            const fits = await post("/page/models/recommend", {}, { signal: page.signal });
            const usable = fits.models.filter((one) => one.fits && one.fast_enough && one.storable && one.sensible).slice(0, 3);
            list.replaceChildren(usable.length ? el("ul.rows", usable.map((one) => el("li.split", el("div", el("p", one.title, `${one.name}:${one.quantisation}` === fits.best ? el("span.tag", "best here") : ""),
              el("p.quiet", `${bytes(one.file_bytes)} to fetch · ${figure(one.tokens_per_s)} tokens a second · licence ${one.license}`)), one.installed ? el("span.tag", "is here") : el("button", {
              type: "button", onclick: (click) => doing(async () => board.take(await post("/page/models/pull", { what: `${one.name}:${one.quantisation}`, licence_taken: true, use: true })), click.target),
            }, "Take its licence and fetch it")))) : el("p.notice", "No model of the catalogue fits this machine. Everything else works without one."));
          }, event.target),
        }, "See what fits")), list, board.root], () => null, "Go on");
    },
  };

  function finder(what, label, none, take) {
    const list = el("div", { "aria-live": "polite" });
    const button = el("button", {
      type: "button", onclick: () => doing(async () => {
        list.replaceChildren(el("p.quiet", "Listening for some seconds …"));
        const { found } = await post("/page/first-run/look", { what }, { signal: page.signal });
        list.replaceChildren(found.length ? el("ul.rows", found.map((one) => el("li.split", el("span", one.name, el("span.quiet", ` ${one.host}:${one.port}${one.tls ? ", encrypted" : ""}${one.version ? `, ${one.version}` : ""}`)),
          el("button", { type: "button", "aria-label": `Use this one: ${one.name}`, onclick: () => take(one) }, "Use this one")))) : el("p.quiet", none));
      }, button),
    }, label);
    return el("div.stack", el("p", button), list);
  }

  function end() {
    const skipped = told.steps.filter((step) => step.state === "skipped").map((step) => TITLES[step.id].toLowerCase());
    body.replaceChildren(el("h2", "That is all"), el("p", told.devices ? `${told.devices} devices were found. Try “turn on the light”.` : "Devices appear by themselves as soon as they announce themselves at the broker."),
      skipped.length ? el("p.quiet", `Skipped: ${skipped.join(", ")}. All of it can be set later, under Settings and Model.`) : "",
      told.pending.length ? el("p", `The service starts again once, so that what you have set is in force (${told.pending.join(", ")}).`) : "",
      el("p.buttons", el("button.primary", {
        type: "button", onclick: (event) => doing(async () => {
          told = await post("/page/first-run/step", { step: "end" });
          if (told.pending.length) {
            event.target.textContent = "Starting again …";
            await post("/page/health/restart");
            await returned();
          }
          document.querySelector('nav [data-view="first-run"]')?.closest("li").remove();
          location.hash = "#/now";
        }, event.target),
      }, told.pending.length ? "Finish and start again" : "Finish")));
  }

  draw();
  page.follow({ sound: (message) => live?.(message), jobs: (message) => live?.(message) }, async () => {
    told = await get("/page/first-run", { signal: page.signal });
  });
}
