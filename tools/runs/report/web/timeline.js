// Who ran when. Arrow keys walk from span to span; what is chosen is told in words below.
const timeline = () => {
  if (!data.timeline) return;
  const { lanes, zero, names, given } = data.timeline;
  const spans = lanes.flatMap((lane, row) => lane.spans.map(([name, start, length, outcome, critical, shard, attempt, kind]) =>
    ({ row, lane: lane.name, name: names[name], start, length, end: start + length, outcome, critical, shard, attempt, kind })));
  const sharded = new Set(spans.filter((span) => span.shard).map((span) => span.name));
  const total = Math.max(1, ...spans.map((span) => span.end));
  const chain = spans.filter((span) => span.critical).sort((a, b) => a.start - b.start);
  const busy = spans.reduce((sum, span) => sum + span.length, 0);
  place("timeline", "Timeline");

  const chart = make(".chart", { tabindex: 0, role: "application", "aria-roledescription": "timeline", "aria-describedby": "timeline-told",
    "aria-label": `${count(spans.length, "span")} on ${count(lanes.length, "lane")} over ${duration(total)}. Arrow keys walk.` });
  const told = make("p.told", { id: "timeline-told", "aria-live": "polite" });
  const key = (fill, word) => make("span", null, make(`i.f-${fill}`), word);
  const legend = make("p.legend", null, key("critical", given ? "critical path" : "critical path: what the end waited for"), key("span", "tests"),
    spans.some((span) => "fet".includes(span.outcome)) && key("bad", "red"), spans.some((span) => span.attempt > 1) && key("warn", "another attempt"),
    spans.some((span) => span.kind) && key("idle", "other actions"));
  let waited = 0;
  const steps = chain.map((span, index) => {
    const gap = Math.max(0, span.start - (index ? chain[index - 1].end : 0));
    waited += gap;
    return make("li", null, make("span.num", null, duration(span.length)), make("span.num.soft", null, gap > 50 ? `after ${duration(gap)}` : ""), named(span.name));
  });
  section("timeline", "Who ran when", `${count(spans.length, "span")} on ${count(lanes.length, "lane")}${busy > total ? `, ${(busy / total).toFixed(1)} at once on average` : ""}.`,
    chart, told, legend, chain.length > 1 && make("details.chain", null, make("summary", null,
      `Critical path: ${count(chain.length, "step")}, ${duration(chain.reduce((sum, span) => sum + span.length, 0))} of tests and ${duration(waited)} between them`), make("ol", null, steps)));

  const tall = lanes.length <= 14 ? 18 : lanes.length <= 40 ? 11 : 7, top = 44;
  const written = lanes.some((lane) => !/^slot \d+$/.test(lane.name)) || lanes.length <= 14;
  let nodes = new Map(), chosen = null, left = 0, width = 0;
  const drawAll = () => {
    const wide = chart.clientWidth - 24;
    if (wide === width || wide < 50) return;
    width = wide;
    left = written && tall > 7 ? Math.min(width * 0.28, 12 + 6.4 * Math.max(...lanes.map((lane) => Math.min(lane.name.length, 26)))) : 0;
    const room = width - left, x = (ms) => left + (ms / total) * room, height = top + lanes.length * tall + 4;
    const picture = draw("svg", { viewBox: `0 0 ${width} ${height}`, height, "aria-hidden": "true" });
    const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 144e5, 432e5, 864e5, 864e6].find((each) => total / each <= Math.max(2, room / 90)) ?? total;
    for (let at = 0; at <= total; at += step) picture.append(draw("line", { class: "grid", x1: x(at), x2: x(at), y1: 16, y2: height }),
      draw("text", { x: x(at), y: 11, "text-anchor": at === 0 ? "start" : x(at) > width - 24 ? "end" : "middle" }, tick(at, step)));
    picture.append(running(spans, x, left));
    nodes = new Map();
    let edge = -1, row = -1;
    for (const span of spans) {
      if (span.row !== row) { row = span.row; edge = -1; if (left) picture.append(draw("text", { x: 0, y: top + row * tall + tall / 2 + 4 }, short(lanes[row].name))); }
      const from = x(span.start), to = Math.max(from + 1, x(span.end) - 1), plain = !span.critical && span.outcome === "p" && span.attempt === 1;
      if (plain && to < edge + 0.5) continue; // thinner than what is there already
      edge = to;
      const node = draw("rect", { class: "fet".includes(span.outcome) ? "red" : span.critical ? "critical" : span.attempt > 1 ? "again" : span.kind ? "other" : "plain",
        x: from, y: top + span.row * tall + 1, width: Math.max(1, to - from), height: tall - 3, rx: Math.min(2, (to - from) / 2) });
      node.span = span;
      nodes.set(span, node);
      picture.append(node);
    }
    chart.replaceChildren(picture);
    if (chosen) nodes.get(chosen)?.classList.add("chosen");
  };
  const short = (name) => name.length > 26 ? `${name.slice(0, 12)}…${name.slice(-13)}` : name;
  const choose = (span) => {
    if (chosen) nodes.get(chosen)?.classList.remove("chosen");
    chosen = span;
    nodes.get(span)?.classList.add("chosen");
    const state = STATES[span.outcome];
    told.replaceChildren(make("b", null, named(span.name)), span.kind && ` ${span.kind}`, make("br"),
      `${clock(zero + span.start / 1000)} to ${clock(zero + span.end / 1000)}, ${duration(span.length)}, ${span.lane}, `, make(`span.${state.tone}`, null, state.word),
      sharded.has(span.name) ? `, shard ${span.shard + 1}` : "", span.attempt > 1 ? `, attempt ${span.attempt}` : "", span.critical ? ", on the critical path" : "");
  };
  const inTime = [...spans].sort((a, b) => a.start - b.start || a.row - b.row);
  const last = chain.at(-1) ?? inTime.at(-1);
  if (last) { choose(last); nodes.clear(); }
  const near = (row, at) => spans.filter((span) => span.row === row).reduce((best, span) =>
    !best || Math.abs((span.start + span.end) / 2 - at) < Math.abs((best.start + best.end) / 2 - at) ? span : best, null);
  chart.addEventListener("keydown", (event) => {
    const at = inTime.indexOf(chosen), middle = (chosen.start + chosen.end) / 2;
    const next = { ArrowRight: () => inTime[at + 1], ArrowLeft: () => inTime[at - 1], ArrowDown: () => near(chosen.row + 1, middle), ArrowUp: () => near(chosen.row - 1, middle),
      Home: () => inTime[0], End: () => inTime.at(-1), Enter: () => { byId("find").value = chosen.name; list.filter(); byId("find").focus(); return null; } }[event.key];
    if (!next) return;
    event.preventDefault();
    const span = next();
    if (span) choose(span);
  });
  const pointed = (event) => { if (event.target.span) choose(event.target.span); };
  chart.addEventListener("pointerover", pointed);
  chart.addEventListener("click", pointed);
  new ResizeObserver(drawAll).observe(chart);
  drawAll();
  if (last) nodes.get(last)?.classList.add("chosen");
};

// 500 ms, 20 s, 1 min, 1:30 min: as short as the steps allow.
const tick = (at, step) => {
  if (!at) return "0";
  if (step < 1000 || at < 6e4) return `${at / 1000} s`;
  const minutes = Math.floor(at / 6e4), seconds = (at % 6e4) / 1000;
  return `${minutes}${seconds || step % 6e4 ? `:${String(seconds).padStart(2, "0")}` : ""} min`;
};

// How many ran at each moment, as a quiet area above the lanes.
const running = (spans, x, left) => {
  const steps = spans.flatMap((span) => [[span.start, 1], [span.end, -1]]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0, most = 1;
  for (const [, change] of steps) { now += change; most = Math.max(most, now); }
  now = 0;
  const y = (number) => 42 - (number / most) * 22;
  let path = `M${x(0).toFixed(1)},42`;
  for (const [at, change] of steps) {
    path += `H${x(at).toFixed(1)}`;
    now += change;
    path += `V${y(now).toFixed(1)}`;
  }
  const group = draw("g", null, draw("path", { class: "run-area", d: `${path}V42Z` }));
  if (left) group.append(draw("text", { x: 0, y: 38 }, `up to ${most}`));
  return group;
};
