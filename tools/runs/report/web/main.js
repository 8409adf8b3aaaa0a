// The sheet of one case, keys, colours; then everything is drawn.
const known = (() => {
  let map = null;
  return (index) => {
    if (!map) {
      map = new Map();
      for (const cluster of data.clusters) cluster.told.forEach((told, at) => map.set(cluster.cases[at], told));
      for (const { case: at, ...told } of data.recovered) map.set(at, told);
    }
    return map.get(index);
  };
})();
const faultOf = (index) => data.clusters.find((cluster) => cluster.cases.includes(index));
const opened = (title, ...children) => {
  const node = byId("sheet");
  node.replaceChildren(make(".sheet", null, make("h2", { id: "sheet-title", tabindex: -1, dir: "auto" }, title), button("small.close", "Close", () => node.close()), children));
  if (!node.open) node.showModal(); // which gives the focus back when it is closed
  byId("sheet-title").focus();
};
const sheet = (index) => {
  const state = cases.state(index), told = known(index), fault = told ? null : faultOf(index);
  const flake = data.flakes.find((each) => each.case === index);
  opened(cases.title(index), placeLine(index),
    make("p.state", null, make(`b.${state.tone}`, null, state.word), make("span", null, cases.cached(index) ? "from the cache" : duration(cases.ms[index])), cases.tries(index) > 1 && make("span", null, count(cases.tries(index), "attempt"))),
    flake && [make("h3", null, "History"), spark(flake.trials), make("p.note", null, `${FLAKY[flake.state][0]}: red on good code ${percent(flake.p[0])} (${percent(flake.p[1])} to ${percent(flake.p[2])}). ${flake.evidence}`)],
    told && toldParts(told),
    fault && [traced(fault.message), make("p.note", null, `One of ${count(fault.cases.length, "case")} with this fault; the first ${whole.format(fault.told.length)} are told in full.`)]);
};
const KEYS = [["/", "search all cases"], ["arrows PgDn PgUp Home End", "walk the list of cases, and the timeline"], ["Enter", "open what is chosen"], ["Esc", "close, or clear the search"], ["r", "to what is red"], ["t", "light, dark, or as the system"], ["?", "these keys"]];
const showKeys = () => opened("Keys", make("dl.keys", null, KEYS.map(([keys, word]) => [make("dt", null, keys.split(" ").map((key) => [make("kbd", null, key), " "])), make("dd", null, word)])));

const THEMES = { Auto: "light dark", Light: "light", Dark: "dark" };
const paintTheme = (name) => {
  document.documentElement.style.colorScheme = THEMES[name];
  byId("theme").textContent = name;
  byId("theme").setAttribute("aria-label", `Colours: ${name}`);
};
const remembered = (name) => { // a file may be refused its storage
  try { return name === undefined ? localStorage.getItem("samewire-theme") : localStorage.setItem("samewire-theme", name); } catch { return null; }
};
const nextTheme = () => {
  const names = Object.keys(THEMES), name = names[(names.indexOf(byId("theme").textContent) + 1) % names.length];
  paintTheme(name);
  remembered(name);
  say(`Colours: ${name}`);
};

headline();
reds();
timeline();
slowest();
flakes();
quarantine();
cacheReport();
data.matrices.forEach(wire);
performanceSection();
list.build();

byId("nav").append(...places.map(([id, title, number, tone]) => make("a", { href: `#${id}` }, title,
  number !== "" && make(`span.count.${tone}`, null, typeof number === "number" ? whole.format(number) : number))));
byId("foot").append(`Made by samewire report. Run ${data.run.id || "–"}. Times are UTC. This file needs no network and sends nothing.`);
paintTheme(THEMES[remembered()] ? remembered() : "Auto");
byId("theme").addEventListener("click", nextTheme);
byId("keys").addEventListener("click", showKeys);
byId("sheet").addEventListener("click", (event) => { if (event.target === byId("sheet")) byId("sheet").close(); });
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || byId("sheet").open) return;
  if (event.key === "/") { byId("cases").scrollIntoView(); byId("find").focus({ preventScroll: true }); byId("find").select(); }
  else if (event.key === "?") showKeys();
  else if (event.key === "t") nextTheme();
  else if (event.key === "r" && byId("red")) { byId("red").scrollIntoView(); byId("red").querySelector("summary").focus({ preventScroll: true }); }
  else return;
  event.preventDefault();
});
const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    byId("nav").querySelector("[aria-current]")?.removeAttribute("aria-current");
    byId("nav").querySelector(`a[href="#${target.id}"]`)?.setAttribute("aria-current", "true");
  }
}, { rootMargin: "-72px 0px -75% 0px" });
document.querySelectorAll("main > section").forEach((node) => watch.observe(node));
document.documentElement.dataset.ready = "yes";
