// What is red: faults first, each once, then the cases it hit.
const judged = (told) => {
  const line = make(".judged");
  if (told.flake !== undefined) line.append(make("span", null,
    make("span.meter", { "aria-hidden": "true" }, make("i", { style: { width: `${told.flake * 100}%` } })),
    make("b", null, percent(told.flake)), " likely a flake"), make("span", null, told.why));
  if (told.reach) line.append(make("span", null, told.reach === "unreachable" ? "Your change cannot reach it" : "Your change reaches it"), make("span", null, told.reachWhy));
  return line.childNodes.length ? line : null;
};
// A long traceback opens where it says what happened; the end of a log is what matters.
const scrolled = (node) => {
  const seen = new ResizeObserver(() => {
    if (!node.clientHeight) return;
    const hot = node.querySelector(".hot");
    node.scrollTop = hot ? hot.offsetTop - node.offsetTop - node.clientHeight * 0.7 : node.scrollHeight;
    seen.disconnect();
  });
  seen.observe(node);
  return node;
};
// The lines that pytest marks with E say what happened; the rest says where.
const traced = (text) => scrolled(make("pre", { tabindex: 0, role: "region", "aria-label": "Output" }, text.split("\n").flatMap((line, index) => [
  index ? "\n" : "", /^E(?: |$)/.test(line) ? make("span.hot", null, line) : line])));

const toldParts = (told) => [
  judged(told),
  told.flake === undefined && told.why && make("p.note", null, told.why),
  told.attempts.length > 1 && make("p.note", null, "Attempts: ", told.attempts.map(([outcome, ms]) => `${outcome} (${duration(ms)})`).join(", ")),
  // What the traceback says as well is not said twice.
  told.message && !(told.detail && told.message.split("\n").every((line) => told.detail.includes(line.trim()))) && traced(told.message),
  told.detail && traced(told.detail),
  told.excerpt && make("details.fold", null, make("summary", null, "Log"), traced(told.excerpt)),
  (told.where || told.seed || told.worker || told.log) && make("p.place", null,
    [told.where, told.worker && `on ${told.worker}`, told.seed && `seed ${told.seed}`, told.log && `log ${told.log}`].filter(Boolean).map((text) => make("span", null, text))),
  told.command && copyable(told.command),
];
const caseArticle = (index, told) => make("article.case", null,
  make("h3", null, caseLink(index)), placeLine(index), toldParts(told));
// One line that opens to the same; its inside is made when it is opened.
const caseLine = (index, told, note) => {
  const node = make("details.brief", null, make("summary.turn", null, make("span", null, named(cases.title(index)), make("span.soft.name.after", null, cases.label(index))), make("span.size", null, note)));
  node.addEventListener("toggle", () => { if (node.children.length < 2) node.append(make("article.case", null, toldParts(told))); });
  return node;
};
const odds = (told) => [told.flake !== undefined && `${percent(told.flake)} likely a flake`, told.reach === "unreachable" && "beyond your change"].filter(Boolean).join(", ");
const SHOWN = 100; // names of one fault

const fault = (cluster, opened) => {
  const node = make(`details.cluster${cluster.masked ? ".masked" : ""}`, { open: opened },
    make("summary", null, make("span.text", null, cluster.message),
      make("span.size", null, cluster.masked && make("span.mask", null, "masked, "), `${count(cluster.cases.length, "case")} in ${count(cluster.targets, "target")}`)));
  // The inside of what is closed is made when it is opened.
  const fill = () => {
    if (node.children.length > 1) return;
    const [first, ...more] = cluster.told, others = cluster.cases.slice(cluster.told.length);
    if (first) node.append(caseArticle(cluster.cases[0], first));
    more.forEach((told, at) => node.append(caseLine(cluster.cases[at + 1], told, odds(told))));
    if (others.length) node.append(make(".others", null, `The same in ${count(others.length, "more case")}`,
      make("ul", null, others.slice(0, SHOWN).map((index) => make("li", null, caseLink(index)))), others.length > SHOWN && `and ${whole.format(others.length - SHOWN)} more: see all cases`));
  };
  if (opened) fill();
  node.addEventListener("toggle", fill);
  return node;
};
const reds = () => {
  const open = data.clusters.filter((cluster) => !cluster.masked), red = cases.count("f", "e", "t");
  if (data.clusters.length) {
    place("red", "Red", red || cases.count("q"), open.length ? "bad" : "mask");
    section("red", open.length ? "What is red" : "Red, in quarantine",
      open.length ? `${count(red, "case")}, ${count(open.length, "fault")}: messages that differ in figures, times and places only are one.` : "All that is red is in quarantine, and known.",
      data.clusters.map((cluster, index) => fault(cluster, !cluster.masked && index < 3)));
  }
  if (data.recovered.length) {
    place("recovered", "Recovered", data.recovered.length, "warn");
    section("recovered", "Red, then green", "In this run, on the same inputs: these are flakes.",
      make(".cluster.again", null, data.recovered.map(({ case: index, ...told }) => caseLine(index, told, count(told.attempts.length, "attempt")))));
  }
};
