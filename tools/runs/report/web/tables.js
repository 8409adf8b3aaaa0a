// Slowest, flakes, quarantine, cache.
const caseLink = (index, text) => button("link", text || cases.title(index), () => sheet(index), { dir: "auto", "aria-haspopup": "dialog" });

const bars = (rows, figure = duration) => {
  const most = Math.max(1, ...rows.map(([, , ms]) => ms));
  return make("ol.bars", null, rows.map(([node, where, ms]) => make("li", null,
    make("span", null, node, where && make("span.where", null, where)), make("span.num", null, figure(ms)),
    make("i", { style: { width: `${(ms / most) * 100}%` } }))));
};
const slowest = () => {
  const order = [];
  const targets = new Map();
  for (let index = 0; index < cases.size; index++) {
    if (cases.cached(index)) continue;
    order.push(index);
    const number = cases.labelNumber(index), one = targets.get(number) ?? { ms: 0, size: 0 };
    one.ms += cases.ms[index];
    one.size += 1;
    targets.set(number, one);
  }
  const slow = order.sort((a, b) => cases.ms[b] - cases.ms[a]).slice(0, 12).filter((index) => cases.ms[index] > 0);
  if (!slow.length) return;
  // The time that a target took is its spans' where there are some: starting a test costs too.
  const spans = new Map();
  for (const lane of data.timeline?.lanes ?? []) for (const [name, , length, , , , , kind] of lane.spans) if (!kind) {
    const text = data.timeline.names[name];
    spans.set(text, (spans.get(text) ?? 0) + length);
  }
  const rows = [...targets].map(([number, { ms, size }]) => [cases.labels[number], size, spans.get(cases.labels[number]) ?? ms]).sort((a, b) => b[2] - a[2]).slice(0, 12);
  place("slowest", "Slowest");
  section("slowest", "Slowest", "Of what was executed; all attempts together.", make(".pair", null,
    make("", null, make("h3", null, "Targets"), bars(rows.map(([label, size, ms]) => [named(label), size > 1 ? count(size, "case") : "", ms]))),
    make("", null, make("h3", null, "Cases"), bars(slow.map((index) => [caseLink(index), cases.name(index) && cases.label(index), cases.ms[index]])))));
};

// Red below the line, green above: how the newest trials went, oldest first.
const STEP = 4; // pixels a trial
const spark = (trials) => {
  const red = [...trials.toLowerCase()].filter((letter) => letter === "f").length;
  const picture = draw("svg", { class: "spark", width: Math.max(30, trials.length * STEP), height: 24, role: "img",
    "aria-label": `newest ${count(trials.length, "trial")}: ${red} red, the last one ${trials.at(-1)?.toLowerCase() === "f" ? "red" : "green"}` });
  picture.append(draw("line", { x1: 0, x2: trials.length * STEP, y1: 11.5, y2: 11.5 }));
  [...trials].forEach((letter, index) => {
    const fell = letter.toLowerCase() === "f";
    picture.append(draw("rect", { class: letter.toLowerCase(), x: index * STEP, y: fell ? 12 : 4, width: STEP - 1, height: fell ? 11 : 7, rx: 1 }));
  });
  return picture;
};
// A probability with its interval, between 0 and the largest of the table.
const range = ([p, low, high], most) => {
  const x = (part) => 4 + (part / most) * 112;
  return draw("svg", { class: "range", width: 120, height: 12, "aria-hidden": "true" },
    draw("rect", { class: "track", x: 0, y: 4, width: 120, height: 4, rx: 2 }),
    draw("rect", { class: "span", x: x(low), y: 3, width: Math.max(2, x(high) - x(low)), height: 6, rx: 3 }),
    draw("circle", { class: "dot", cx: x(p), cy: 6, r: 3.5 }));
};
const FLAKY = { proven: ["proven", "bad"], suspect: ["suspect", "warn"], regressed: ["regressed", "bad"], steady: ["steady", "good"], unknown: ["unknown", "soft"] };
const flakes = () => {
  if (!data.flakes.length) return;
  place("flakes", "Flakes", data.flakes.length + data.flakesLeft, "warn");
  const most = Math.max(0.02, ...data.flakes.map((flake) => flake.p[2]));
  section("flakes", "Flakes", "The costliest first. Proven: red and green on the same inputs.",
    table("stack.wide", ["case", "state", "red on good code", "newest trials", "evidence", "costs"], data.flakes.map((flake) => [
      [flake.case === null ? named(flake.name || flake.label) : caseLink(flake.case), make("span.place", null, named(flake.label))],
      make(`span.chip.${FLAKY[flake.state][1]}`, null, FLAKY[flake.state][0]),
      [make("b", null, percent(flake.p[0])), range(flake.p, most), make("span.place", null, `${percent(flake.p[1])} to ${percent(flake.p[2])}`)],
      spark(flake.trials), make("span.evidence", null, flake.evidence), flake.cost ? make("span.num", null, duration(flake.cost)) : ""]), "Flakes"),
    data.flakesLeft > 0 && make("p.soft", null, `and ${whole.format(data.flakesLeft)} more: samewire flaky`));
};

const ENTRY = { active: ["active", "good"], expired: ["expired", "bad"], far: ["too far off", "warn"], unmatched: ["matches nothing", "warn"], well: ["well again", "warn"],
  "other-failure": ["another failure", "bad"], broken: ["broken", "bad"] };
const quarantine = () => {
  if (!data.quarantine.length) return;
  const wrong = data.quarantine.filter((entry) => entry.state !== "active").length;
  place("quarantine", "Quarantine", data.quarantine.length, wrong ? "bad" : "mask");
  section("quarantine", "Quarantine", "Cases that run and do not count, from the reviewed file quarantine.yaml.",
    table("stack.wide", ["cases", "state", "why", "owner", "until", "masked"], [...data.quarantine].sort((a, b) => (a.state === "active") - (b.state === "active")).map((entry) => [
      [entry.cases.map((pattern) => make("code.name", { style: { display: "block" } }, pattern)), entry.where && make("span.place", null, entry.where)],
      [make(`span.chip.${ENTRY[entry.state][1]}`, null, ENTRY[entry.state][0]), entry.note && make("span.place", null, entry.note)],
      [make("span", null, entry.reason), entry.issue && make("span.place", null, linked(entry.issue)), entry.failure && make("span.place", null, `only where it says: ${entry.failure}`)],
      entry.owner, make("span", { style: { whiteSpace: "nowrap" } }, entry.until), make("span", null, whole.format(entry.masked))]), "Quarantine"));
};

const KINDS = { file: "file", environment: "environment", argument: "argument", tool: "tool", added: "new input", removed: "gone input", "": "" };
// A digest is told by its beginning.
const digestOr = (value) => /^[0-9a-f]{12,}/.test(value) ? value.slice(0, 8) : value.slice(0, 60);
const changed = ([kind, name, before, after]) => make("li", null, make("span.soft", null, `${KINDS[kind] ?? kind} `), make("code.name", null, name),
  (before || after) && make("span.soft", null, before && after ? ` ${digestOr(before)} is now ${digestOr(after)}` : ` ${digestOr(before || after)}`));
const cacheReport = () => {
  const { cache } = data;
  if (!cache || !(cache.local + cache.remote + cache.executed)) return;
  const hits = cache.local + cache.remote, all = hits + cache.executed;
  place("cache", "Cache", percent(hits / all));
  const parts = [["good", "from this machine", cache.local], ["span", "from the remote cache", cache.remote], ["idle", "executed", cache.executed]].filter(([, , number]) => number);
  section("cache", "Cache", "Test actions that had to run again, and which input made them.",
    make(".mix", { role: "img", "aria-label": parts.map(([, word, number]) => `${number} ${word}`).join(", "), style: { marginTop: "4px" } }, parts.map(([fill, , number]) => make(`i.f-${fill}`, { style: { flexGrow: number } }))),
    make("p.legend", null, parts.map(([fill, word, number]) => make("span", null, make(`i.f-${fill}`), make("b", null, whole.format(number)), ` ${word}`))),
    cache.causes.length > 0 && [make("h3", null, "What made the most run"), make(".narrow", null, bars(cache.causes.map(([kind, what, number, more]) =>
      [[kind && make("span.soft", null, `${KINDS[kind] ?? kind} `), make(kind ? "code.name" : "span.name", null, what), more > 0 && make("span.where", null, `and ${whole.format(more)} more`)], "", number]), (number) => count(number, "target")))],
    cache.misses.length > 0 && make("details.fold", null, make("summary", null, `${count(cache.misses.length + cache.left, "target")} one by one`),
      table("stack", ["target", "why"], cache.misses.map((miss) => [named(miss.label), [miss.reason, miss.changes.length > 0 && make("ul", null, miss.changes.map(changed)), miss.more > 0 && make("span.soft", null, `and ${whole.format(miss.more)} more`)]]), "Misses"),
      cache.left > 0 && make("p.soft", null, `and ${whole.format(cache.left)} more`)));
};
