// tinker://RUN/KIND/NAME: where weights are. Source: tinker.md section 2.5.
import { UsageError } from "./errors.ts";

export interface TinkerPath {
  readonly run: string;
  readonly kind: string;
  readonly name: string;
  /** As in the routes of listings: two segments. */
  readonly checkpoint_id: string;
}

/** Throws UsageError of kind "bad_path". */
export function parsePath(text: string): TinkerPath {
  const [, run, kind, name] = /^tinker:\/\/([^/]+)\/(weights|sampler_weights)\/([^/]+)$/s.exec(text) ?? [];
  if (run === undefined || kind === undefined || name === undefined) {
    throw new UsageError("bad_path", `${text} is no path of weights: tinker://RUN/KIND/NAME, where KIND is weights or sampler_weights`);
  }
  return { run, kind, name, checkpoint_id: `${kind}/${name}` };
}
