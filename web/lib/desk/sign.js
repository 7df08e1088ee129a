// What a record is made of, and its signature. The key signs only what this file built itself:
// a header over parts whose hashes are computed here, under the type of a record.

import { base64, hex, join, refuse, utf8 } from "../check/bytes.js";
import { pae, parseHeader, parseLine, typeOf } from "../check/record.js";
import { sha256 } from "../check/sha256.js";

/**
 * What a draft fixes of a record: everything but what only the signer knows.
 * @typedef {{exercise: boolean, mission: string, kind: string, by: string, re: string | null, id: string,
 *   seen: string | null, parts: {name: string, text: string}[]}} Draft
 */
/** What the signer adds. @typedef {{key: string, seq: number, prev: string | null, at: string, nonce: string, app?: string | null}} Own key: the public key's fingerprint */

/** 128 random bits. */
export const nonce = () => hex(crypto.getRandomValues(new Uint8Array(16)));

/** A moment in UTC to the second. @param {Date} d */
export const moment = (d) => d.toISOString().slice(0, 19) + "Z";

/** The exact bytes of the header that will be signed. @param {Draft} d @param {Own} own */
export function header(d, own) {
  const raw = utf8(JSON.stringify({
    v: 1, mission: d.mission, kind: d.kind, id: d.id, by: d.by, key: own.key, seq: own.seq, prev: own.prev,
    at: own.at, seen: d.seen, app: own.app ?? null, re: d.re,
    parts: d.parts.map((p) => ({ name: p.name, sha256: hex(sha256(utf8(p.text))) })), nonce: own.nonce,
  }));
  parseHeader(raw); // refuses what no program would read
  return raw;
}

/** Signs a header and returns the record as it travels, on one line. @param {CryptoKey} key @param {Draft} d @param {Uint8Array} raw */
export async function sign(key, d, raw) {
  const type = typeOf("record", d.exercise);
  const sig = new Uint8Array(await crypto.subtle.sign("Ed25519", key, /** @type {BufferSource} */ (pae(type, raw))));
  const line = JSON.stringify({
    envelope: { payload: base64(raw), payloadType: type, signatures: [{ sig: base64(sig) }] }, parts: d.parts.map((p) => p.text),
  });
  return { line, hash: parseLine(utf8(line)).hash };
}

/** Proves that somebody holds a key: 128 hex digits. @param {CryptoKey} key @param {Uint8Array} pub @param {boolean} exercise @param {string} origin @param {string} mission */
export async function prove(key, pub, exercise, origin, mission) {
  const text = utf8(JSON.stringify({ v: 1, origin, mission, key: hex(pub) }));
  return hex(new Uint8Array(await crypto.subtle.sign("Ed25519", key, /** @type {BufferSource} */ (pae(typeOf("possession", exercise), text)))));
}

/** The name of a public key. @param {Uint8Array} pub */
export const fingerprint = (pub) => hex(sha256(pub));

/**
 * Reads a draft that can be carried. Its readings are for people; what is signed is what stands
 * in the lines of bytes.
 * @param {string} text @returns {Draft}
 */
export function parseDraft(text) {
  const blocks = text.split("\n\n");
  const head = blocks[0].split("\n");
  if (head[0] !== "corridor-draft/v1") refuse("draft.form");
  const exercise = head[1] === "exercise";
  /** @type {Record<string, string>} */
  const said = {};
  for (const l of head.slice(exercise ? 2 : 1)) said[l.slice(0, l.indexOf(" "))] = l.slice(l.indexOf(" ") + 1);
  /** @type {Draft} */
  const d = { exercise, mission: said.mission, kind: said.kind, by: said.by, re: said.re === "-" ? null : said.re, id: said.id, seen: null, parts: [] };
  for (const b of blocks.slice(1)) {
    const [first, bytes, ...rest] = b.split("\n");
    if (first.startsWith("part ")) d.parts.push({ name: first.slice(5), text: bytes });
    if (first === "seen") d.seen = [bytes, ...rest].filter((l) => l.startsWith("| ")).map((l) => l.slice(2) + "\n").join("");
  }
  return d;
}

/** What a text of bytes says, one member a line. @param {any} v @param {string} [name] @returns {[string, string][]} */
export function leaves(v, name = "") {
  if (v === null || typeof v !== "object") return [[name, v === null ? "" : String(v)]];
  if (Array.isArray(v)) return v.flatMap((x, i) => leaves(x, `${name}[${i + 1}]`));
  return Object.entries(v).flatMap(([k, x]) => leaves(x, name ? name + "." + k : k));
}

