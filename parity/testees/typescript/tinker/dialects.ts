import type { Dialect } from "../wire/codec.ts";

export const V041: Dialect = { name: "tinker-0.4.1", unset: "omit", writeNull: true, writeLiterals: false };
export const V038: Dialect = { name: "tinker-0.38", unset: "default", writeNull: false, writeLiterals: true };
export const TINKEX: Dialect = { name: "tinkex", unset: "null", writeNull: true, writeLiterals: true };

export const DIALECTS: readonly Dialect[] = [V041, V038, TINKEX];
