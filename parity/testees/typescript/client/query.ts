// Query strings. Source: seed 000 sections 2.1 and 3.7.
import { UsageError } from "./errors.ts";

export type Param = null | boolean | number | bigint | string | readonly Param[] | Params;
export interface Params {
  readonly [key: string]: Param;
}
export type Arrays = "comma" | "repeat" | "indices" | "brackets";
export type Objects = "dots" | "brackets";

/** As a form is written. Null and "" leave their key out. Throws UsageError of kind "nested". */
export function formatQuery(params: Params, arrays: Arrays = "repeat", objects: Objects = "brackets"): string {
  return entries(params, (key) => key, arrays, objects)
    .map(([key, value]) => `${escape(key)}=${escape(value)}`)
    .join("&");
}

/** Leaves letters, digits and _.-~ as they are. */
function escape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

function entries(params: Params, name: (key: string) => string, arrays: Arrays, objects: Objects): [string, string][] {
  return Object.entries(params).flatMap(([key, value]) => pairs(name(key), value, arrays, objects));
}

function pairs(key: string, value: Param, arrays: Arrays, objects: Objects): [string, string][] {
  if (isList(value)) return listPairs(key, value, arrays, objects);
  if (value !== null && typeof value === "object") {
    return entries(value, (part) => (objects === "dots" ? `${key}.${part}` : `${key}[${part}]`), arrays, objects);
  }
  return value === null || value === "" ? [] : [[key, String(value)]];
}

function listPairs(key: string, list: readonly Param[], arrays: Arrays, objects: Objects): [string, string][] {
  switch (arrays) {
    case "comma": {
      const items = list.filter((item) => item !== null);
      if (items.some((item) => typeof item === "object")) {
        throw new UsageError("nested", `${key}: a list that is written with commas holds no lists or objects`);
      }
      return [[key, items.join(",")]];
    }
    case "repeat":
    case "brackets":
      return list.flatMap((item) => pairs(arrays === "repeat" ? key : `${key}[]`, item, arrays, objects));
    default:
      throw new UsageError("nested", `${key}: there is no array format ${arrays}; there are comma, repeat and brackets`);
  }
}

function isList(value: Param): value is readonly Param[] {
  return Array.isArray(value);
}
