// Signs what the Go test says, with the modules of the desk, and prints a JSON object a line.

import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto);
const lib = new URL("../../web/lib/desk/", import.meta.url);
const desk = await import(new URL("sign.js", lib).href);

/** @param {string} s */
const bytes = (s) => new Uint8Array(Buffer.from(s, "hex"));

/** @param {string} seed */
const key = (seed) => crypto.subtle.importKey("pkcs8", bytes("302e020100300506032b657004220420" + seed), "Ed25519", false, ["sign"]);

for await (const line of createInterface({ input: process.stdin })) {
  const q = JSON.parse(line);
  let said;
  try {
    const d = q.sheet ? desk.parseDraft(q.sheet) : q.draft;
    const raw = d && desk.header(d, q.own);
    said = q.draft || q.sheet ? await desk.sign(await key(q.seed), d, raw)
      : { proof: await desk.prove(await key(q.seed), bytes(q.pub), q.exercise, q.origin, q.mission) };
  } catch (e) {
    said = { fault: String(e) };
  }
  console.log(JSON.stringify(said));
}
