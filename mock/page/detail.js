// One exchange, with all that is known of it.

function detail(entry, focus) {
  if (!entry) return closeDetail();
  const box = $("detail");
  const misses = make("div");
  box.replaceChildren(
    make("div", "", { class: "bar" },
      button("Close", closeDetail),
      button("Why no stub?", () => doing(() => explain(entry, misses))),
      button("Make a stub of it", () => stubOf(entry))),
    make("h2", `#${entry.seq} ${entry.method} ${entry.target}`),
    facts(entry),
    misses,
    ...pairs("Request headers", entry.headers),
    ...content("Request", entry.request),
    ...(entry.message === undefined ? [] : [make("h3", `Message${entry.dialect ? ` in ${entry.dialect}` : ""}`), make("pre", pretty(entry.message))]),
    ...pairs("Answer headers", entry.answer_headers),
    ...content("Answer", entry.answer),
    ...parts(entry.parts),
  );
  box.hidden = false;
  if (entry.answered_by === "miss") doing(() => explain(entry, misses));
  if (focus) box.focus();
}

function closeDetail() {
  const row = rows.get(chosen);
  chosen = null;
  $("detail").hidden = true;
  $("detail").replaceChildren();
  row?.firstChild.setAttribute("aria-current", "false");
  row?.firstChild.focus();
}

function facts(entry) {
  const seconds = (value) => (value === undefined ? undefined : `${(value * 1000).toFixed(2)} ms`);
  const list = make("dl");
  const said = {
    "answered by": entry.answered_by, fault: entry.fault, status: entry.status, "gRPC status": entry.grpc_status, problem: entry.problem,
    method: entry.rpc, dialect: entry.dialect, protocol: entry.protocol, connection: entry.connection, ended: entry.ended,
    received: new Date(entry.received_s * 1000).toISOString(), "first byte": seconds(entry.wait_s), took: seconds(entry.took_s),
    "session's clock": new Date(entry.clock_s * 1000).toISOString(),
  };
  for (const [name, value] of Object.entries(said)) if (value !== undefined) list.append(make("dt", name), make("dd", value));
  return list;
}

function pairs(title, headers) {
  if (!headers?.length) return [];
  const list = make("dl");
  for (const { name, value } of headers) list.append(make("dt", name), make("dd", value));
  return [make("h3", title), list];
}

function content(title, body) {
  if (!body?.size) return [];
  return [make("h3", `${title}, ${body.size} bytes${body.cut ? ", cut" : ""}`), make("pre", textOf(body))];
}

const textOf = (body) => (body.json !== undefined ? pretty(body.json) : body.text ?? `base64 ${body.base64}`);

function parts(all) {
  if (!all?.length) return [];
  const list = make("dl");
  for (const { at_s, body } of all) list.append(make("dt", `${(at_s * 1000).toFixed(1)} ms`), make("dd", body.json !== undefined ? JSON.stringify(body.json) : textOf(body)));
  return [make("h3", `${all.length} parts`), list];
}

async function explain(entry, into) {
  const { near_misses: misses = [] } = await call("GET", ofSession(state.session, `/journal/${entry.seq}/explain`));
  into.replaceChildren(make("h3", misses.length ? "Nearest stubs" : "There is no stub that it could have been"));
  for (const miss of misses) {
    const list = make("dl");
    for (const { where, wanted, got } of miss.differences ?? []) list.append(make("dt", where), make("dd", `wanted ${wanted}, got ${got}`));
    into.append(make("p", `stub ${miss.stub}`), miss.differences?.length ? list : make("p", "would answer now"));
  }
}

function stubOf(entry) {
  const request = entry.rpc ? { rpc: entry.rpc } : { method: entry.method, path: entry.target.split("?")[0] };
  const answer = entry.answer?.json !== undefined ? { json: entry.answer.json } : { json: {} };
  $("stub-text").value = pretty({ request, answers: [answer] });
  openTab("stubs");
  $("stub-text").focus();
}
