const MARKS = { true: ["good", "good", "M2 7.5 5.5 11 12 3.5"], false: ["bad", "not good", "M3 3 11 11M11 3 3 11"], null: ["soft", "nobody knows", "M3 7H11"] };
const marked = (good) => {
  const [tone, word, path] = MARKS[good];
  return draw("svg", { class: `mark ${tone}`, viewBox: "0 0 14 14", role: "img", "aria-label": word }, draw("path", { d: path }));
};
// The verdict, the run in a line, its mix of outcomes, its figures, and what each kind of result says.
const headline = () => {
  const { run } = data, summary = byId("summary");
  const wall = run.started && run.ended ? (run.ended - run.started) * 1000 : 0;
  summary.append(make(".run", null,
    run.command && make("code", null, run.command),
    run.commit && make("span", null, "commit ", make("code", null, run.commit.slice(0, 10)), run.branch && ` on ${run.branch}`, run.dirty && ", with local changes"),
    run.started && make("span", null, make("time", { datetime: new Date(run.started * 1000).toISOString() }, moment(run.started))),
    run.host && make("span", null, run.host)));
  if (data.outage) summary.append(make("p.notice", { role: "alert" }, `An outage, not the tests: ${data.outage}`));
  if (data.problems.length) summary.append(make("ul.notice.bad", null, data.problems.map(([label, text]) =>
    make("li", null, make("b", null, label || "Build"), ": ", text))));
  if (data.findings.length) summary.append(make("ul.notice.bad", null, data.findings.map((text) => make("li", null, text))));

  const parts = [["good", "passed", cases.count("p", "x")], ["warn", "flaky", cases.count("k")], ["bad", "red", cases.count("f", "e", "t")],
    ["mask", "red, in quarantine", cases.count("q")], ["idle", "skipped", cases.count("s")]].filter(([, , number]) => number);
  if (parts.length) {
    summary.append(make(".mix", { role: "img", "aria-label": parts.map(([, word, number]) => `${number} ${word}`).join(", ") },
      parts.map(([fill, , number]) => make(`i.f-${fill}`, { style: { flexGrow: number } }))));
    summary.append(make("p.legend", null, parts.map(([fill, word, number]) =>
      make("span", null, make(`i.f-${fill}`), make("b", null, whole.format(number)), ` ${word}`))));
  }

  let spent = 0;
  for (let index = 0; index < cases.size; index++) if (!cases.cached(index)) spent += cases.ms[index];
  const tiles = [["Cases", whole.format(cases.size), `in ${count(cases.labels.length, "target")}`]];
  if (wall) tiles.push(["Wall time", duration(wall), spent > wall ? `${duration(spent)} of tests, ${(spent / wall).toFixed(1)} at once` : `${duration(spent)} of tests`]);
  else if (spent) tiles.push(["Time in tests", duration(spent), "one after the other"]);
  if (run.criticalPath) tiles.push(["Critical path", duration(run.criticalPath), wall ? `${percent(Math.min(1, run.criticalPath / wall))} of the wall time, as Bazel counts it` : "no more machines make it faster"]);
  const { cache } = data;
  if (cache && cache.local + cache.remote + cache.executed) {
    const hits = cache.local + cache.remote, all = hits + cache.executed;
    tiles.push(["From cache", percent(hits / all), `${whole.format(hits)} of ${whole.format(all)} test actions`]);
  }
  if (data.flakes.length || cases.count("k")) {
    const known = data.flakes.filter((flake) => flake.state === "proven").length;
    tiles.push(["Flaky", whole.format(Math.max(data.flakes.length + data.flakesLeft, cases.count("k"))), known ? `${whole.format(known)} proven` : "suspected"]);
  }
  if (data.quarantine.length) {
    const wrong = data.quarantine.filter((entry) => entry.state !== "active").length;
    tiles.push(["Quarantined", whole.format(data.quarantine.length), wrong ? `${count(wrong, "entry", "entries")} must go or change` : "all entries hold"]);
  }
  summary.append(make("dl.tiles", null, tiles.map(([name, figure, note]) => make("div", null, make("dt", null, name), make("dd", null, figure), make("dd", null, note)))));

  const red = cases.count("f", "e", "t"), kinds = [["cases", "Tests", !red && !data.problems.length,
    `${whole.format(cases.count("p", "x", "k"))} of ${count(cases.size, "case")} pass${red ? `, ${whole.format(red)} red` : ""}${cases.count("q") ? `, ${whole.format(cases.count("q"))} masked` : ""}`]];
  data.matrices.forEach((matrix, index) => kinds.push([`wire-${index}`, matrix.title, matrix.good, matrix.verdict]));
  if (data.benchmarks.length) kinds.push(["performance", "Performance", slower().length ? false : measures().some(({ verdict }) => verdict && /faster|same/.test(verdict[0])) || null, performanceLine()]);
  if (kinds.length > 1) summary.append(make("ul.kinds", null, kinds.map(([id, title, good, text]) => make("li", null,
    marked(good), make("a", { href: `#${id}` }, title), make("span", null, text)))));
  if (data.facts.length) summary.append(make("dl.facts", null, data.facts.map(([name, value]) => make("div", null, make("dt", null, name), make("dd", null, value)))));
};
