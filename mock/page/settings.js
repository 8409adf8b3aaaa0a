// Stubs and faults.

const STUB = { request: { path: "/" }, answers: [{ json: {} }] };

// As they were last shown: what has not changed stays as it is, with its focus, and what is being edited too.
const shown = { stubs: "", faults: "" };

async function loadStubs() {
  const { stubs = [] } = await call("GET", ofSession(state.session, "/stubs"));
  const text = pretty(stubs);
  if (text === shown.stubs) return;
  shown.stubs = text;
  $("count-stubs").textContent = stubs.length;
  $("stub-list").replaceChildren(...stubs.map((stub) =>
    make("li", "", {},
      make("div", "", { class: "bar" },
        make("strong", stub.id),
        button("Edit", () => { $("stub-text").value = pretty(stub); $("stub-text").focus(); }),
        button("Remove", () => doing(async () => {
          await call("DELETE", ofSession(state.session, `/stubs/${encodeURIComponent(stub.id)}`));
          await loadStubs();
        }), "danger")),
      make("pre", pretty(stub)))));
}

async function addStubs() {
  const said = JSON.parse($("stub-text").value);
  const stubs = Array.isArray(said) ? said : said?.stubs ?? [said];
  await call("POST", ofSession(state.session, "/stubs"), { stubs });
  await loadStubs();
}

async function loadFaults(anew = false) {
  const schedule = await call("GET", ofSession(state.session, "/faults"));
  $("count-faults").textContent = schedule.rules?.length ?? 0;
  if (!anew && $("fault-text").value !== shown.faults) return;
  shown.faults = $("fault-text").value = pretty({ rules: [], ...schedule });
}

// The text goes as it is: the mock says where it is wrong.
async function setFaults() {
  JSON.parse($("fault-text").value);
  await call("PUT", ofSession(state.session, "/faults"), $("fault-text").value);
  await loadFaults(true);
}

function addRule() {
  const kind = $("fault-kind").value;
  const schedule = JSON.parse($("fault-text").value);
  const fault = kind === "status" ? { kind, status: 503 } : kind === "grpc_status" ? { kind, grpc: { code: "UNAVAILABLE" } } : { kind };
  schedule.rules = [...(schedule.rules ?? []), { probability: 1, fault }];
  $("fault-text").value = pretty(schedule);
}
