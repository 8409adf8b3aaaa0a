// The list of requests, newest first.

const SHOWN = 1000;
const entries = new Map();
const rows = new Map();
let chosen = null;
const waiting = new Map();

// Many at a time; no animation frame, for a page that nobody looks at gets none.
function see(entry) {
  if (waiting.size === 0) setTimeout(show, 30);
  waiting.set(entry.seq, entry);
}

function show() {
  for (const entry of waiting.values()) place(entry);
  waiting.clear();
  while (rows.size > SHOWN) drop(Math.min(...rows.keys()));
  $("empty").hidden = rows.size > 0;
}

function place(entry) {
  const known = entries.get(entry.seq);
  // A number that comes again with another time: the journal was cleared and counts anew.
  if (known && known.received_s !== entry.received_s) forget();
  entries.set(entry.seq, entry);
  const row = rowOf(entry);
  const before = rows.get(entry.seq);
  if (before) before.replaceWith(row);
  else $("rows").insertBefore(row, newer(entry.seq));
  rows.set(entry.seq, row);
  if (chosen === entry.seq) detail(entry, false);
}

// The row that the one of `seq` is put before: nearly always the first.
function newer(seq) {
  let next = $("rows").firstChild;
  while (next && Number(next.dataset.seq) > seq) next = next.nextSibling;
  return next;
}

function drop(seq) {
  rows.get(seq)?.remove();
  rows.delete(seq);
  entries.delete(seq);
}

function forget() {
  entries.clear();
  rows.clear();
  waiting.clear();
  $("rows").replaceChildren();
  $("empty").hidden = false;
  closeDetail();
}

function rowOf(entry) {
  const status = entry.grpc_status ?? entry.status ?? "…";
  const took = entry.took_s === undefined ? entry.ended : `${(entry.took_s * 1000).toFixed(1)} ms`;
  const row = button("", () => choose(entry.seq));
  row.append(
    make("span", `#${entry.seq}`, { class: "number" }),
    make("span", entry.method),
    make("span", entry.target, { title: entry.target }),
    make("span", status, { class: tone(entry) }),
    make("span", entry.fault ? `${entry.answered_by} ⚡` : entry.answered_by, { class: "by", title: entry.answered_by }),
    make("span", took, { class: "took" }),
  );
  row.setAttribute("aria-current", String(chosen === entry.seq));
  const item = make("li", "", { "data-seq": entry.seq }, row);
  item.hidden = !fits(entry);
  return item;
}

function tone(entry) {
  if (entry.fault || entry.answered_by === "miss" || (entry.ended !== "complete" && entry.ended !== "open")) return "warn";
  return entry.status >= 400 || (entry.grpc_status && entry.grpc_status !== "OK") ? "bad" : "good";
}

function fits(entry) {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = [entry.method, entry.target, entry.status, entry.grpc_status, entry.answered_by, entry.fault, entry.rpc, entry.dialect, entry.protocol, entry.ended]
    .join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

function refilter() {
  for (const [seq, row] of rows) row.hidden = !fits(entries.get(seq));
}

function choose(seq) {
  rows.get(chosen)?.firstChild.setAttribute("aria-current", "false");
  chosen = seq;
  rows.get(seq)?.firstChild.setAttribute("aria-current", "true");
  detail(entries.get(seq), true);
}

// Up and down lead through the rows that are seen.
function walk(event) {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const item = document.activeElement?.closest?.("#rows li");
  if (!step || !item) return;
  let next = item[step];
  while (next?.hidden) next = next[step];
  if (next) {
    next.firstChild.focus();
    event.preventDefault();
  }
}
