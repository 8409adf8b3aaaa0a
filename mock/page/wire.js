// The admin service, and the journal as it comes.

const ROOT = location.pathname.replace(/\/+$/, "") + "/v1";
const TOKEN = "samewire-token";

class Refused extends Error {}

async function ask(path, options = {}) {
  const headers = { accept: "application/json", ...options.headers };
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.authorization = `Bearer ${token}`;
  if (options.body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(ROOT + path, { ...options, headers, cache: "no-store", credentials: "omit", redirect: "error" });
  if (!answer.ok) {
    if (answer.status === 401) wantToken();
    const said = await answer.text();
    let problem = said || `status ${answer.status}`;
    try {
      const { error, path: where } = JSON.parse(said);
      if (error) problem = where ? `${where}: ${error}` : error;
    } catch { /* it is text */ }
    throw new Refused(problem);
  }
  return answer;
}

async function call(verb, path, body) {
  const answer = await ask(path, { method: verb, body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body) });
  const text = await answer.text();
  return text ? JSON.parse(text) : {};
}

const ofSession = (name, path = "") => `/sessions/${encodeURIComponent(name)}${path}`;

// Gives each entry to `see`; `tell` hears "live", "polling" and "gone". Ends when `signal` says so.
async function follow(name, after, see, tell, signal) {
  const at = { after };
  const took = (entry) => {
    at.after = Math.max(at.after, entry.seq);
    see(entry);
  };
  for (let failures = 0; !signal.aborted; ) {
    try {
      await stream(name, at, took, tell, signal);
      failures = 0;
      // It ended: the session was deleted, and counts anew.
      at.after = Math.max((await call("GET", ofSession(name))).requests - SHOWN, 0);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
    }
    // What cuts streams off may let single answers through.
    try {
      const page = await call("GET", ofSession(name, `/journal?after=${at.after}`));
      (page.entries ?? []).forEach(took);
      tell("polling");
    } catch {
      if (!signal.aborted) tell("gone");
    }
    await new Promise((done) => setTimeout(done, Math.min(500 * (failures + 1), 3000)));
  }
}

async function stream(name, at, took, tell, signal) {
  const answer = await ask(ofSession(name, `/journal/watch?after=${at.after}`), { signal, headers: { accept: "text/event-stream" } });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  tell("live");
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    held += value;
    const events = held.split("\n\n");
    held = events.pop();
    for (const event of events) {
      for (const line of event.split("\n")) if (line.startsWith("data: ")) took(JSON.parse(line.slice(6)));
    }
  }
}
