// Figures as people write them.
const whole = new Intl.NumberFormat("en");
const count = (number, noun, many = `${noun}s`) => `${whole.format(number)} ${number === 1 ? noun : many}`;

const duration = (ms) => {
  if (ms < 1) return "<1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  const minutes = Math.round(seconds / 60);
  return `${whole.format(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, "0")} min`;
};

// Seconds of a benchmark's round, in the unit that fits.
const fine = (seconds, unit = "s") => {
  if (unit !== "s") return `${+seconds.toPrecision(4)} ${unit}`;
  const [factor, name] = [[1, "s"], [1e3, "ms"], [1e6, "µs"], [1e9, "ns"]].find(([scale]) => seconds * scale >= 1) ?? [1e9, "ns"];
  return `${(seconds * factor).toPrecision(3).replace(/e.*/, "")} ${name}`;
};

const percent = (part) => {
  const hundred = part * 100;
  if (hundred > 0 && hundred < 0.1) return "<0.1 %";
  if (hundred < 100 && hundred > 99.9) return ">99.9 %";
  return `${hundred < 10 || (hundred > 99 && hundred < 100) ? +hundred.toFixed(1) : Math.round(hundred)} %`;
};

const moment = (seconds) => new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC",
}).format(seconds * 1000) + " UTC";
const clock = (seconds) => new Date(seconds * 1000).toISOString().slice(11, 19);

const STATES = {
  p: { word: "passed", tone: "good", fill: "good" },
  x: { word: "xfailed", tone: "good", fill: "good" },
  k: { word: "flaky", tone: "warn", fill: "warn" },
  f: { word: "failed", tone: "bad", fill: "bad" },
  e: { word: "error", tone: "bad", fill: "bad" },
  t: { word: "timeout", tone: "bad", fill: "bad" },
  q: { word: "masked", tone: "mask", fill: "mask" },
  s: { word: "skipped", tone: "soft", fill: "idle" },
};
