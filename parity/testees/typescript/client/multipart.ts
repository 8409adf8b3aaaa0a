// multipart/form-data, RFC 7578. Source: seed 000 section 2.1.

export interface File {
  readonly name: string;
  readonly filename: string;
  readonly type: string;
  readonly content: Uint8Array;
}

const ESCAPES: Readonly<Record<string, string>> = { '"': "%22", "\r": "%0D", "\n": "%0A" };
const quoted = (text: string) => text.replace(/["\r\n]/g, (letter) => ESCAPES[letter] ?? letter);

/** Fields first, then files, in their order. */
export function encodeMultipart(boundary: string, fields: readonly (readonly [string, string])[], files: readonly File[]): Uint8Array {
  const begin = `--${boundary}\r\nContent-Disposition: form-data; `;
  const parts: (string | Uint8Array)[] = fields.map(([name, text]) => `${begin}name="${quoted(name)}"\r\n\r\n${text}\r\n`);
  for (const { name, filename, type, content } of files) {
    parts.push(`${begin}name="${quoted(name)}"; filename="${quoted(filename)}"\r\nContent-Type: ${type}\r\n\r\n`, content, "\r\n");
  }
  return Buffer.concat([...parts, `--${boundary}--\r\n`].map((part) => Buffer.from(part)));
}
