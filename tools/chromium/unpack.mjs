// Unpacks @sparticuz/chromium: node unpack.mjs PACKAGE/bin OUT. Node reads brotli, Python's standard library does not.
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

const [bin, out] = process.argv.slice(2);
const unpacked = (name) => brotliDecompressSync(readFileSync(join(bin, name)));

writeFileSync(join(out, "chromium"), unpacked("chromium.br"));
chmodSync(join(out, "chromium"), 0o755);
// Libraries that a system without a desktop lacks, and fonts.
for (const name of ["al2023.tar.br", "fonts.tar.br"]) {
  execFileSync("tar", ["-x", "--no-same-owner", "-C", out], { input: unpacked(name) });
}
