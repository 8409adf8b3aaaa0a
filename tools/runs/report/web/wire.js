// Who speaks the wire, and how fast: fixtures, parity and benchmarks stand beside the tests.
const VERDICTS = { fail: "bad", broken: "bad", stale: "bad", known: "warn", unsupported: "soft", skipped: "soft" };
const figures = (cell) => {
  if (!cell) return make("span.soft", { "aria-label": "not asked" }, "·");
  const [agree, differ, known, skipped] = cell;
  return [agree || !(differ + known + skipped) ? make("span", null, whole.format(agree)) : null, differ ? make("b.bad", { title: `${differ} differ` }, ` ×${whole.format(differ)}`) : null,
    known ? make("span.warn", { title: `${known} differ for a listed reason` }, ` ≠${whole.format(known)}`) : null, skipped ? make("span.soft", { title: `${skipped} not implemented or skipped` }, ` –${whole.format(skipped)}`) : null];
};
const wire = (matrix, index) => {
  const groups = new Map();
  for (const row of matrix.rows) (groups.get(row[0]) ?? groups.set(row[0], []).get(row[0])).push(row);
  place(`wire-${index}`, matrix.title, "", matrix.good ? "soft" : "bad");
  const skipped = new Map(matrix.skipped), body = [];
  for (const [group, rows] of groups) {
    const part = make("tbody"), sums = matrix.columns.map((_, column) => {
      const cells = rows.map((row) => row[2][column]).filter(Boolean);
      return cells.length ? cells.reduce((sum, cell) => sum.map((each, at) => each + cell[at]), [0, 0, 0, 0]) : 0;
    });
    let open = rows.length === 1 ? null : sums.some((cell) => cell && cell[1]) && rows.length <= 30;
    const lines = () => rows.map(([, name, cells]) => make("tr.row", null, make("th", { scope: "row", title: name }, named(name)), cells.map((cell) => make("td", null, figures(cell)))));
    const turn = button("link.turn", "", () => { open = !open; fill(); turn.focus(); });
    const head = make(open === null ? "tr" : "tr.group", null, make("th", { scope: "row" }, open === null ? named(rows[0][1]) : turn), sums.map((cell) => make("td", null, figures(cell))));
    const fill = () => {
      turn.replaceChildren(group, make("span.soft", { style: { fontWeight: 400 } }, `  ${whole.format(rows.length)}`));
      turn.setAttribute("aria-expanded", open);
      part.replaceChildren(head, ...(open ? lines() : []));
    };
    fill();
    body.push(part);
  }
  const failures = matrix.failures.filter(([, , verdict]) => VERDICTS[verdict] === "bad"), listed = matrix.failures.filter(([, , verdict]) => VERDICTS[verdict] !== "bad");
  const told = (rows) => table("stack", ["who", "what", "verdict", "in words"], rows.map(([who, what, verdict, words]) =>
    [make("span", { style: { whiteSpace: who.length < 28 ? "nowrap" : "normal" } }, named(who)), make("code.name", null, what), make(`span.${VERDICTS[verdict] ?? "soft"}`, null, verdict), words && make("span.mono", { style: { whiteSpace: "pre-wrap" } }, words)]), "Differences");
  const node = section(`wire-${index}`, matrix.title, matrix.verdict,
    matrix.findings.length > 0 && make("ul.notice.bad", { style: { margin: "0 0 14px" } }, matrix.findings.map((finding) => make("li", null, finding))),
    make(".scroll.matrix", { role: "region", tabindex: 0, "aria-label": `${matrix.title}, by who was asked` }, make("table", null,
      make("thead", null, make("tr", null, make("th", { scope: "col" }, "asked of"), matrix.columns.map(([name, title]) => make("th", { scope: "col", title: skipped.get(name) ? `${title}: not run: ${skipped.get(name)}` : title }, named(name), skipped.has(name) ? " –" : "")))),
      body)),
    make("p.note", null, "Figures are answers that agree; ", make("b.bad", null, "×"), " differ, ", make("span.warn", null, "≠"), " differ for a listed reason, ", make("span", null, "–"), " not implemented or skipped."),
    matrix.skipped.length > 0 && make("p.note", null, "Not run: ", matrix.skipped.map(([name, why]) => `${name} (${why})`).join("; ")),
    failures.length > 0 && [make("h3", null, count(failures.length, "difference")), told(failures.slice(0, 100)), failures.length > 100 && make("p.soft", null, `and ${whole.format(failures.length - 100)} more`)]);
  if (listed.length) {
    const fold = make("details.fold", { style: { marginTop: "10px" } }, make("summary", null, `${count(listed.length + matrix.left, "answer")} known to differ or not done`));
    fold.addEventListener("toggle", () => { if (fold.children.length < 2) fold.append(told(listed.slice(0, 500))); });
    node.append(fold);
  }
};

const middle = (figures) => {
  const sorted = [...figures].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
const measures = () => data.benchmarks.flatMap((benchmark) => benchmark.measures);
const slower = () => measures().filter(({ verdict }) => verdict?.[0] === "slower");
const performanceLine = () => {
  const compared = measures().filter(({ verdict }) => verdict);
  if (!compared.length) return `${count(measures().length || data.benchmarks.length, "figure")}, nothing to compare with`;
  return Object.entries({ ...CHANGED, unknown: ["with too few rounds"] }).map(([id, [word]]) => [compared.filter(({ verdict }) => verdict[0] === id).length, word])
    .filter(([number, word]) => number || word === "slower").map(([number, word]) => `${number} ${word}`).join(", ");
};
// A dot a round: what was before above, what is now below; a line at each median.
const dots = (rounds, before) => {
  const all = [...rounds, ...before], low = Math.min(...all), high = Math.max(...all), x = (figure) => 5 + ((figure - low) / (high - low || 1)) * 190;
  const tall = before.length ? 24 : 14, picture = draw("svg", { class: "dots", viewBox: `0 0 200 ${tall}`, "aria-hidden": "true" });
  [[before, 6, "early"], [rounds, tall - 7, "late"]].forEach(([figures, y, name]) => {
    for (const figure of figures) picture.append(draw("circle", { class: name, cx: x(figure), cy: y, r: 3 }));
    if (figures.length) picture.append(draw("line", { x1: x(middle(figures)), x2: x(middle(figures)), y1: y - 6, y2: y + 6 }));
  });
  return picture;
};
const CHANGED = { slower: ["slower", "bad"], faster: ["faster", "good"], same: ["as before", "soft"], unsure: ["too noisy to say", "soft"] };
const performanceSection = () => {
  if (!data.benchmarks.length) return;
  place("performance", "Performance", slower().length || "", "bad");
  section("performance", "Performance", performanceLine(), data.benchmarks.map((benchmark) => {
    const compared = benchmark.measures.some(({ before }) => before.length);
    return [make("h3", null, benchmark.title),
      benchmark.measures.length > 0 && table("stack", ["case", "best", "median", compared ? "before, now" : "rounds", ...(compared ? ["now / before"] : [])], benchmark.measures.map(({ name, rounds, before, unit, verdict }) => [
        named(name), make("span", null, fine(Math.min(...rounds), unit)), make("span", null, fine(middle(rounds), unit)), dots(rounds, before),
        ...(compared ? [verdict && verdict[0] !== "unknown" ? [make(`b.${CHANGED[verdict[0]][1]}`, null, CHANGED[verdict[0]][0]), make("span.place", null, `${verdict[1].toFixed(3)} (${verdict[2].toFixed(3)} to ${verdict[3].toFixed(3)})`)] : make("span.soft", null, "too few rounds")] : [])]), benchmark.title),
      benchmark.table.length > 0 && table("stack", benchmark.table[0], benchmark.table.slice(1), benchmark.title)];
  }), measures().some(({ before }) => before.length) && make("p.note", null,
    "Slower or faster: the whole 99 % interval of the ratio (rank sum) lies beyond 3 %. As before: it stays within 10 %."));
};
