// All cases: only the lines that can be seen are in the document.
const list = (() => {
  const CHIPS = [["red", "fet", "Red"], ["flaky", "k", "Flaky"], ["masked", "q", "Masked"], ["skipped", "s", "Skipped"], ["passed", "px", "Passed"], ["executed", "", "Executed"]];
  const HEADS = [["state", "state"], ["name", "case"], ["label", "target"], ["tries", "tries"], ["ms", "time"]];
  const chosen = new Set();
  const sorted = { by: "", up: true };
  let rows = [], active = -1, texts = null, view, space, note, find, first = -1, last = -1, head;
  const chips = new Map();

  const text = (index) => {
    if (!texts) {
      texts = new Array(cases.size);
      for (let each = 0; each < cases.size; each++) texts[each] = `${cases.label(each)} ${cases.group(each)} ${cases.name(each)}`.toLowerCase();
    }
    return texts[index];
  };
  const RANK = "ftekqsxp";
  const keys = {
    state: (index) => RANK.indexOf(cases.letter(index)), tries: (index) => -cases.tries(index), ms: (index) => cases.cached(index) ? 1 : -cases.ms[index],
    name: (index) => cases.name(index), label: (index) => cases.label(index),
  };
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const letters = CHIPS.filter(([id]) => chosen.has(id)).map(([, some]) => some).join("");
    rows = [];
    for (let index = 0; index < cases.size; index++) {
      if (letters && !letters.includes(cases.letter(index))) continue;
      if (chosen.has("executed") && cases.cached(index)) continue;
      if (words.length && !words.every((word) => text(index).includes(word))) continue;
      rows.push(index);
    }
    if (sorted.by) {
      const key = keys[sorted.by], way = sorted.up ? 1 : -1;
      const held = new Map(rows.map((index) => [index, key(index)]));
      rows.sort((a, b) => { const x = held.get(a), y = held.get(b); return (x < y ? -1 : x > y ? 1 : 0) * way || a - b; });
    }
    active = rows.length ? 0 : -1;
    note.textContent = rows.length === cases.size ? count(cases.size, "case") : `${whole.format(rows.length)} of ${count(cases.size, "case")}`;
    view.setAttribute("aria-rowcount", rows.length + 1);
    view.scrollTop = 0;
    paint(true);
  };
  const tall = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) || 34;
  const line = (at, height) => {
    const index = rows[at], state = cases.state(index);
    return make(`.line${at === active ? ".active" : ""}`, { role: "row", id: `row-${at}`, "aria-rowindex": at + 2, "aria-selected": String(at === active), style: { top: `${at * height}px` }, onclick: () => { move(at); sheet(index); } },
      make(`span.${state.tone}`, { role: "gridcell" }, state.word, cases.cached(index) && make("span.soft", { title: "from the cache" }, " ·")),
      make("span.name", { role: "gridcell", dir: "auto", title: cases.title(index) }, cases.name(index) || "(whole target)"),
      make("span.name.soft", { role: "gridcell", title: cases.label(index) }, cases.label(index)),
      make("span.num.soft", { role: "gridcell" }, cases.tries(index) > 1 ? `${cases.tries(index)}×` : ""),
      make("span.num", { role: "gridcell" }, cases.cached(index) ? make("span.soft", null, "cached") : duration(cases.ms[index])));
  };
  const paint = (afresh) => {
    const height = tall();
    space.style.height = `${rows.length * height}px`;
    const from = Math.max(0, Math.floor(view.scrollTop / height) - 8), to = Math.min(rows.length, Math.ceil((view.scrollTop + (view.clientHeight || 600)) / height) + 8);
    if (!afresh && from === first && to === last) return;
    [first, last] = [from, to];
    const lines = [];
    for (let at = from; at < to; at++) lines.push(line(at, height));
    space.replaceChildren(...lines);
    if (!rows.length) space.append(make("p.empty", null, "No case is like that."));
    if (active >= 0) view.setAttribute("aria-activedescendant", `row-${active}`);
    else view.removeAttribute("aria-activedescendant");
  };
  const move = (to) => {
    if (!rows.length) return;
    active = Math.max(0, Math.min(rows.length - 1, to));
    const height = tall(), top = active * height;
    if (top < view.scrollTop) view.scrollTop = top;
    else if (top + height > view.scrollTop + view.clientHeight) view.scrollTop = top + height - view.clientHeight;
    paint(true);
  };
  const pressed = (event) => {
    const page = Math.max(1, Math.floor(view.clientHeight / tall()) - 1);
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) move(to);
    else if ((event.key === "Enter" || event.key === " ") && active >= 0) sheet(rows[active]);
    else return;
    event.preventDefault();
  };
  const sort = (by) => {
    if (sorted.by !== by) Object.assign(sorted, { by, up: true });
    else if (sorted.up) sorted.up = false;
    else sorted.by = "";
    for (const cell of head.children) {
      const mine = cell.dataset.by === sorted.by;
      if (mine) cell.setAttribute("aria-sort", sorted.up ? "ascending" : "descending");
      else cell.removeAttribute("aria-sort");
    }
    filter();
  };
  const build = () => {
    place("cases", "All cases");
    find = make("input", { id: "find", type: "search", placeholder: "Search cases and targets  ( / )", "aria-label": "Search cases and targets", autocomplete: "off", spellcheck: "false", oninput: () => filter(),
      onkeydown: (event) => {
        if (event.key === "ArrowDown" || event.key === "Enter") { event.preventDefault(); view.focus(); }
        if (event.key === "Escape") { if (find.value) { find.value = ""; filter(); } else find.blur(); }
      } });
    for (const [id, letters, word] of CHIPS) {
      const number = letters ? cases.count(...letters) : Array.from({ length: cases.size }, (_, index) => index).filter((index) => !cases.cached(index)).length;
      if (!number || number === cases.size) continue;
      chips.set(id, button("small", `${word} ${whole.format(number)}`, () => {
        chosen.has(id) ? chosen.delete(id) : chosen.add(id);
        chips.get(id).setAttribute("aria-pressed", chosen.has(id));
        filter();
      }, { "aria-pressed": "false" }));
    }
    note = make("span.soft", { role: "status" });
    head = make(".line.top", { role: "row", "aria-rowindex": 1 }, HEADS.map(([by, word], column) => make(column > 2 ? "span.num" : "span", { role: "columnheader", "data-by": by }, button("", word, () => sort(by)))));
    space = make(".space", { role: "rowgroup" });
    view = make(".view", { tabindex: 0, role: "grid", "aria-label": "All cases", "aria-colcount": HEADS.length, onkeydown: pressed, onscroll: () => paint(false) }, space);
    view.style.setProperty("--all", cases.size); // a search does not move what is below
    section("cases", "All cases", "", make(".tools", { role: "search" }, find, [...chips.values()], note), make(".list", null, head, view));
    filter();
    addEventListener("resize", () => paint(true));
  };
  return { build, filter: () => filter(), only: (id) => { chips.get(id)?.click(); } };
})();
