// Model: the hardware found, what fits it and why, what is installed, and how the last tuning went.

import { get, post } from "/page/shell/api.js";
import { confirmed, el, problem, svg } from "/page/shell/dom.js";
import { steps } from "/page/views/chart.js";
import { bytes, exact, figure, span } from "/page/views/format.js";
import { jobBoard } from "/page/views/jobs.js";

const KINDS = { llm: "Language models", stt: "Speech to text", voice: "Voices", wake: "Wake words" };
const STATES = { ready: "Ready", loading: "Being loaded", absent: "What is for the house works without one", failed: "Failed", unloaded: "Resting" };

export async function show(root, page) {
  const trouble = el("div");
  const now = el("section.part.card");
  const installed = el("section.part");
  const fits = el("section.part");
  const tuned = el("section.part");
  const board = jobBoard(["pull", "tune"], page, () => load());
  root.append(el("h1", "Model"), trouble, now, board.root, installed, fits, tuned);
  let found = null;
  let fitting = null;

  async function load() {
    found = await get("/page/models", { signal: page.signal });
    running(found.running);
    if (fitting) recommended(fitting);
    drawInstalled();
    drawTuned();
    await board.load(found.jobs);
  }
  async function doing(work) {
    trouble.replaceChildren();
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") trouble.replaceChildren(problem(error));
    }
  }

  function running(told) {
    const held = told.limited ? " · held back, as the machine is short of something" : "";
    now.replaceChildren(el("p.quiet", "Answers now"), el("p.big", told.model ?? told.planned ?? "No language model"),
      el("p", found.enabled ? STATES[told.state] ?? told.state : "Switched off in the settings", told.reason ? `: ${told.reason}` : "", held),
      told.state === "ready" ? el("dl.facts",
        row("Speaks", `${figure(told.tokens_per_s)} tokens a second`), row("Reads", `${figure(told.prompt_tokens_per_s)} tokens a second`),
        row("Memory", bytes(told.resident_bytes)), row("Context", `${(told.n_ctx ?? 0).toLocaleString("en-GB")} tokens`)) : "",
      found.configured ? el("p.quiet", `The settings name it (llm.model = ${found.configured}).`) : "");
  }

  function drawInstalled() {
    const groups = Object.entries(KINDS).map(([kind, title]) => [title, found.installed.filter((model) => model.kind === kind)]).filter(([, models]) => models.length);
    installed.replaceChildren(el("h2", "Installed"), ...groups.map(([title, models]) => el("div", el("h3", title), el("ul.rows", models.map((model) => el("li.split",
      el("div", el("p", model.name, model.in_use ? el("span.tag", { "data-in-use": model.name }, "in use") : ""),
        el("p.quiet", [bytes(model.size_bytes), model.quantisation, model.license, model.error ?? model.here].filter(Boolean).join(" · "))),
      el("div.buttons",
        model.in_use ? "" : el("button", { type: "button", "aria-label": `Use ${model.name}`, onclick: () => doing(async () => { await post("/page/models/use", { name: model.name }); await load(); }) }, "Use"),
        el("button.danger", {
          type: "button", "aria-label": `Remove ${model.name}`, onclick: () => doing(async () => {
            if (!await confirmed(`Remove ${model.name} and its ${bytes(model.size_bytes)}?`, "Remove")) return;
            await post("/page/models/remove", { name: model.name });
            await load();
          }),
        }, "Remove"))))))),
    groups.length ? "" : el("p.quiet", "Nothing is installed yet. What fits this machine stands below; a USB stick with a folder “edge” on it works without any network."),
    ...(found.jobs.some((job) => job.kind === "pull" && job.state === "running") ? [] : found.unfinished).map((one) => el("div.notice", el("p", `${one.name}: ${bytes(one.done_bytes)} of ${bytes(one.size_bytes)} have come.`), el("p.buttons",
      el("button", { type: "button", onclick: () => doing(async () => { board.take(await post("/page/models/pull", { what: `${one.repository}:${one.name}.gguf`, licence_taken: true, use: !found.configured })); await load(); }) }, "Go on"),
      el("button.danger", { type: "button", onclick: () => doing(async () => { await post("/page/models/remove", { name: one.name }); await load(); }) }, "Throw it away")))));
  }

  function drawFits() {
    fits.replaceChildren(el("h2", "What fits this machine"), el("p", el("button", { type: "button", onclick: () => measure(false) }, "Look at the hardware")),
      el("p.hint", "Takes some seconds: how fast memory can be read is measured."));
  }

  async function measure(again) {
    const waiting = el("p.quiet", { role: "status" }, "Measuring this machine …");
    fits.replaceChildren(el("h2", "What fits this machine"), waiting);
    try {
      recommended(await post("/page/models/recommend", { again }, { signal: page.signal }));
    } catch (error) {
      if (error.name === "AbortError") return;
      drawFits();
      fits.append(problem(error));
    }
  }

  function recommended(told) {
    fitting = told;
    const machine = told.hardware;
    fits.replaceChildren(el("div.head", el("h2", "What fits this machine"), el("button.plain", { type: "button", onclick: () => measure(true) }, "Measure again")),
      el("dl.facts", row("Board", machine.board), row("Processor", `${machine.processor}, ${machine.cores} cores`),
        row("Memory", `${bytes(machine.memory_total_bytes)}, ${bytes(told.memory_bytes)} for a model`),
        row("Reads memory", told.bandwidth_bytes_per_s ? `${(told.bandwidth_bytes_per_s / 1e9).toFixed(1)} GB a second` : "not measured"),
        row("Wanted", `${figure(told.pace_tokens_per_s)} tokens a second, about the pace of reading aloud`)),
      told.best ? "" : el("p.notice", "Nothing of the catalogue fits this machine well."),
      el("div.scroll.tall", { tabindex: 0, role: "region", "aria-label": "Models of the catalogue" }, el("table.fits",
        el("thead", el("tr", ["Model", "Quality", "File", "Memory", "Pace", "Verdict", ""].map((one) => el("th", { scope: "col" }, one)))),
        el("tbody", told.models.map((model) => offer(model, `${model.name}:${model.quantisation}` === told.best))))),
      el("p.hint", `Quality is the published score less what the quantisation costs. Models come from ${found.hub}; nothing is fetched before you say so.`));
  }

  function offer(model, best) {
    const usable = model.fits && model.fast_enough && model.storable && model.sensible;
    const what = `${model.name}:${model.quantisation}`;
    // The recommendation may be older than what was installed or removed since.
    const isHere = found.installed.some((one) => one.name === model.file.replace(/\.gguf$/, ""));
    return el(`tr${usable ? "" : ".unfit"}`, el("th", { scope: "row" }, model.title, best ? el("span.tag", "best here") : "", el("br"), el("span.quiet", `${model.quantisation} · ${model.license}`)),
      cell("Quality", figure(model.quality)), cell("File", bytes(model.file_bytes)), cell("Memory", bytes(model.needed_bytes)),
      cell("Pace", model.tokens_per_s === null ? "–" : `${figure(model.tokens_per_s)}/s`), el("td", { dataset: { label: "Verdict" } }, model.verdict),
      el("td", isHere ? el("span.tag", "is here") : usable ? el(`button${best ? ".primary" : ""}`, {
        type: "button", "aria-label": `Install ${model.title}`, onclick: () => doing(async () => {
          const asked = `${model.title} (${bytes(model.file_bytes)}) is under the licence “${model.license}”. Its words stand at ${model.license_link ?? `${found.hub}/${model.repository}`}. Do you take it under this licence?`;
          if (!await confirmed(asked, "Take it and install")) return;
          board.take(await post("/page/models/pull", { what, licence_taken: true, use: !found.configured }));
        }),
      }, "Install") : ""));
  }

  function drawTuned() {
    const told = found.tuning;
    const hasModel = found.installed.some((model) => model.kind === "llm" && model.in_use);
    tuned.replaceChildren(el("div.head", el("h2", "Tuning"), hasModel ? el("button", { type: "button", onclick: () => doing(async () => board.take(await post("/page/models/tune"))) }, "Tune again") : ""),
      told ? el("div.stack", el("p", `${told.model}, ${exact(new Date(told.at).getTime() / 1000)}: ${told.trials} trials in ${span(told.elapsed_s)}. Chosen was what speaks ${figure(told.tokens_per_s)} and reads ${figure(told.prompt_tokens_per_s)} tokens a second, in ${bytes(told.bytes)}.`),
        ...told.notices.map((one) => el("p.notice", one)), trials(told)) : el("p.quiet", "A new model is tuned by itself once nobody has asked for ten minutes; what was tried then stands here."));
  }

  drawFits();
  await load();
  page.follow({ model: (told) => { if (found) running(told); }, jobs: board.take }, load);
}

const cell = (label, value) => el("td.number", { dataset: { label } }, value);
const row = (name, value) => [el("dt", name), el("dd", value)];
const middle = (rates) => rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)];

/** Every trial as a dot, the middle of each candidate's as a bar; what was chosen stands out. */
function trials(told) {
  const rows = told.stages.flatMap((stage) => [{ title: stage.title }, ...stage.rows]);
  const panels = [["writes", "speaks, tokens/s"], ["reads", "reads, tokens/s"]];
  const drawings = panels.map(([key, title]) => {
    const most = Math.max(1, ...told.stages.flatMap((stage) => stage.rows.flatMap((one) => one[key]))) * 1.05;
    const [width, left, top, line] = [440, 190, 34, 22];
    const height = top + rows.length * line + 6;
    const x = (rate) => left + (rate / most) * (width - left - 12);
    const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Trials: ${title}. The table below has the same figures.`, class: "trials" });
    root.append(svg("text", { x: left, y: 12, class: "title" }, title));
    for (const rate of steps(0, most, 5)) root.append(svg("line", { class: "grid", x1: x(rate), x2: x(rate), y1: top - 6, y2: height - 4 }), svg("text", { x: x(rate), y: top - 10, "text-anchor": "middle" }, figure(rate)));
    rows.forEach((one, index) => {
      const y = top + index * line + 10;
      if (one.title) {
        root.append(svg("text", { x: 0, y: y + 4, class: "title" }, one.title));
        return;
      }
      const kind = one.taken ? "taken" : "tried";
      root.append(svg("text", { x: 10, y: y + 4, class: "label" }, one.label));
      for (const rate of one[key]) root.append(svg("circle", { class: `rate ${kind}`, cx: x(rate), cy: y, r: 4 }));
      if (one[key].length) root.append(svg("line", { class: `middle ${kind}`, x1: x(middle(one[key])), x2: x(middle(one[key])), y1: y - 8, y2: y + 8 }));
    });
    return el("div.plot", root);
  });
  const cells = (one) => [el("th", { scope: "row" }, one.label, one.taken ? " (chosen)" : ""), ...panels.map(([key]) => el("td.number", one[key].length ? figure(middle(one[key])) : "–"))];
  return el("figure.chart", el("div.columns", drawings), el("p.legend", el("span.key", "tried"), el("span.key.taken", "chosen")),
    el("details.as-table", el("summary", "As a table"), el("table", el("thead", el("tr", ["Tried", "Speaks", "Reads"].map((one) => el("th", { scope: "col" }, one)))),
      el("tbody", told.stages.flatMap((stage) => [el("tr", el("th", { scope: "colgroup", colspan: 3 }, stage.title)), ...stage.rows.map((one) => el("tr", cells(one)))])))));
}
