// The page as a whole: session, clock, views, keys.

const TABS = ["requests", "stubs", "faults"];
const state = { session: "default", watching: null };

function openTab(name) {
  for (const each of TABS) {
    const tab = $(`tab-${each}`);
    tab.setAttribute("aria-selected", String(each === name));
    tab.tabIndex = each === name ? 0 : -1;
    $(each).hidden = each !== name;
  }
  if (name === "stubs") doing(loadStubs);
  if (name === "faults") doing(() => loadFaults());
}

function tell(how) {
  $("live").dataset.state = how;
  $("live").textContent = { live: "● live", polling: "○ polling", gone: "✕ the mock does not answer" }[how];
}

function attend(after) {
  state.watching?.abort();
  const { signal } = (state.watching = new AbortController());
  follow(state.session, after, see, (how) => signal.aborted || tell(how), signal);
}

async function enter(name) {
  state.watching?.abort();
  state.watching = null;
  state.session = name;
  $("session").value = name;
  history.replaceState(null, "", `#${encodeURIComponent(name)}`);
  document.title = `${name} · Samewire mock`;
  forget();
  await doing(async () => {
    const session = await call("GET", ofSession(name));
    if (state.session !== name) return;
    $("token-form").hidden = true;
    facing(session);
    attend(Math.max(session.requests - SHOWN, 0));
    await Promise.all([loadStubs(), loadFaults(true)]);
  });
}

// What the header says of a session.
function facing(session) {
  $("count-requests").textContent = session.requests;
  $("count-stubs").textContent = session.stubs;
  $("count-faults").textContent = session.fault_rules;
  $("held").textContent = session.evicted ? `${session.evicted} older ones are gone: the journal is bounded.` : "";
  clock(session.clock);
  state.requests = session.requests;
}

function clock(said) {
  const time = new Date(said.now_s * 1000);
  const text = Number.isNaN(time.getTime()) ? `${said.now_s} s` : time.toISOString();
  $("clock").textContent = text.replace("T", " ").replace(/\.\d+Z/, "Z");
  $("clock-kind").textContent = said.virtual ? `virtual, ${said.waiting} waiting` : "real";
}

// Lists sessions: to name one would bring it into being.
async function beat() {
  try {
    if (document.hidden) return;
    const { sessions = [] } = await call("GET", "/sessions");
    $("sessions").replaceChildren(...sessions.map(({ name }) => make("option", "", { value: name })));
    const own = sessions.find(({ name }) => name === state.session);
    // Fewer than before: it was reset or deleted, and its old journal tells nothing more.
    if (own && own.requests < state.requests) await enter(state.session);
    else if (own) {
      facing(own);
      if (!$("stubs").hidden) await loadStubs();
      if (!$("faults").hidden) await loadFaults();
    }
  } catch {
    // `follow` tells that nobody answers.
  } finally {
    setTimeout(beat, 2000);
  }
}

function submit(id, action) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    doing(action);
  });
}

function press(id, action) {
  $(id).addEventListener("click", () => doing(action));
}

const own = (path) => ofSession(state.session, path);
const setClock = async (change) => clock(await call("PUT", own("/clock"), change));

submit("session-form", () => enter($("session").value));
submit("clock-form", () => setClock({ advance_s: Number($("seconds").value) }));
submit("stub-form", addStubs);
submit("fault-form", setFaults);
submit("token-form", () => {
  sessionStorage.setItem(TOKEN, $("token").value);
  return enter(state.session);
});
press("real-time", () => setClock({ real: true }));
press("reset", async () => {
  await call("POST", own("/reset"));
  await enter(state.session);
});
press("clear-journal", async () => {
  await call("DELETE", own("/journal"));
  forget();
});
press("clear-stubs", async () => {
  await call("DELETE", own("/stubs"));
  await loadStubs();
});
press("clear-faults", async () => {
  await call("PUT", own("/faults"), {});
  await loadFaults(true);
});
press("add-rule", addRule);
$("filter").addEventListener("input", refilter);
$("rows").addEventListener("keydown", walk);
for (const name of TABS) {
  $(`tab-${name}`).addEventListener("click", () => openTab(name));
  $(`tab-${name}`).addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = TABS[(TABS.indexOf(name) + step + TABS.length) % TABS.length];
    openTab(next);
    $(`tab-${next}`).focus();
  });
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select");
  if (event.key === "Escape" && !typing && !$("detail").hidden) closeDetail();
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    openTab("requests");
    $("filter").focus();
  }
});

// A browser has six connections to a server: pages that nobody looks at give theirs back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) state.watching?.abort();
  else if (state.watching) attend(Math.max(0, ...entries.keys()));
});

$("stub-text").value = pretty(STUB);
enter(decodeURIComponent(location.hash.slice(1)) || "default");
setTimeout(beat, 2000);
