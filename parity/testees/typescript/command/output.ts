// What commands write: tables for people, JSON for programs.
import type { Codec } from "../wire/codec.ts";
import { JsonNumber, stringify, type Json } from "../wire/json.ts";
import type { Dialect } from "../client/dialect.ts";

/** A message as the dialect has it. */
export function shown<T>(codec: Codec<T>, value: T, dialect: Dialect): Json {
  return codec.encode(value, dialect.wire);
}

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

export function asJson(value: Json): string {
  return `${JSON.stringify(value, (_key, item: unknown) => (item instanceof JsonNumber ? rawJSON(stringify(item)) : item), 2)}\n`;
}

/** The first row has the columns' names. */
export function asTable(title: string, rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
  return [...(title === "" ? [] : [title]), ...lines].map((line) => `${line}\n`).join("");
}
