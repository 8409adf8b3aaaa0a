// Sizes and times for people. Source: tinker.md section 3.11.
import { V041 } from "../tinker/dialects.ts";
import { WireError } from "../wire/json.ts";
import { timestamp } from "../wire/time.ts";

const NONE = "N/A";
const DAY_S = 86_400;
const TENTHS = new Intl.NumberFormat("en", {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  roundingMode: "halfEven",
  useGrouping: false,
});

/** Of bytes: 2048 → "2.0 KB". */
export function formatSize(bytes: number | bigint | null): string {
  if (bytes === null || bytes < 0) return NONE;
  if (bytes < 1024) return `${bytes} B`;
  let left = Number(bytes);
  for (const unit of ["KB", "MB", "GB", "TB", "PB"]) {
    left /= 1024;
    if (left < 1024) return `${TENTHS.format(left)} ${unit}`;
  }
  return `${TENTHS.format(left / 1024)} EB`;
}

/** How long ago, up to 30 days; else the day. What is no time is shown as it is. `now`: seconds since 1970. */
export function formatTime(text: string | null, now: number): string {
  if (text === null || text === "") return NONE;
  let then: number;
  try {
    then = Number(timestamp.decode(text, V041, "$")) / 1e9;
  } catch (error) {
    if (error instanceof WireError) return text;
    throw error;
  }
  const past = now - then;
  const days = Math.floor(past / DAY_S);
  if (past < 0) return "just now";
  if (days > 30) return new Date(then * 1000).toISOString().slice(0, 10);
  if (days > 7) return ago(Math.floor(days / 7), "week");
  if (days > 0) return ago(days, "day");
  if (past > 3600) return ago(Math.floor(past / 3600), "hour");
  return past > 60 ? ago(Math.floor(past / 60), "minute") : "just now";
}

function ago(count: number, unit: string): string {
  return `${count} ${unit}${count > 1 ? "s" : ""} ago`;
}
