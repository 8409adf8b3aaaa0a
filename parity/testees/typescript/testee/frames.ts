// Frames of the testee protocol: four bytes of length, big-endian, then the body.
import type { Readable, Writable } from "node:stream";

/** The bodies of all frames, until the stream ends. */
export async function* readFrames(input: Readable): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of input) {
    held = Buffer.concat([held, piece as Buffer]);
    while (held.length >= 4 && held.length >= 4 + held.readUInt32BE()) {
      const end = 4 + held.readUInt32BE();
      yield held.subarray(4, end);
      held = held.subarray(end);
    }
  }
}

export function writeFrame(output: Writable, text: string): void {
  const body = Buffer.from(text);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  output.write(Buffer.concat([header, body]));
}
