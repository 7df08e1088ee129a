// The record: envelope, header and parts, as they travel. The rules are checked in the order
// of testdata/vectors/README.md.

import { equal, hex, isHex, join, refuse, textOf, unbase64, utf8 } from "./bytes.js";
import { verify } from "./ed25519.js";
import * as is from "./json.js";
import { sha256 } from "./sha256.js";

/**
 * @typedef {{v: number, mission: string | null, kind: string, id: string, by: string, key: string,
 *   seq: number, prev: string | null, at: string, seen: string | null, app: string | null,
 *   re: string | null, parts: {name: string, sha256: string}[], nonce: string}} Header
 */
/** @typedef {{header: Header, raw: Uint8Array, hash: string, exercise: boolean, sig: Uint8Array, parts: (Uint8Array | null)[]}} Rec parts: null where not carried */

export const PARTS = ["facts", "count", "where", "who", "narrative", "identity", "media"];
export const MAX_LINE = 11988648;

const envelope = is.object({ payload: is.string, payloadType: is.string, signatures: is.list(is.object({ sig: is.string })) });
const line = is.object({ envelope, parts: is.list(is.maybe(is.string)) });
const header = is.object({
  v: is.integer, mission: is.maybe(is.hash), kind: is.string, id: is.id, by: is.string, key: is.hash,
  seq: is.integer, prev: is.maybe(is.hash), at: is.time, seen: is.maybe(is.string), app: is.maybe(is.hash),
  re: is.maybe(is.hash), parts: is.list(is.object({ name: is.string, sha256: is.hash })), nonce: is.id,
});

/** @param {string} purpose @param {boolean} exercise */
export const typeOf = (purpose, exercise) => `application/vnd.corridor.${exercise ? "exercise." : ""}${purpose}.v1+json`;

/** The bytes a DSSE signature is made over. @param {string} type @param {Uint8Array} payload */
export const pae = (type, payload) => join(utf8(`DSSEv1 ${utf8(type).length} ${type} ${payload.length} `), payload);

/** The text of bytes, or the rule that bytes that are none break. @param {Uint8Array} b @param {string} rule */
const strictly = (b, rule) => {
  try {
    return textOf(b);
  } catch {
    return refuse(rule);
  }
};

/** Reads a record from its line. @param {Uint8Array} text @returns {Rec} */
export function parseLine(text) {
  if (text.length > MAX_LINE) refuse("record.size");
  const l = is.read(strictly(text, "record.envelope"), line, "record.envelope");
  const r = open(l.envelope);
  if (l.parts.length !== r.parts.length) refuse("record.parts");
  r.header.parts.forEach((p, i) => {
    if (l.parts[i] === null) return;
    const b = p.name === "media" ? unbase64(l.parts[i]) : utf8(l.parts[i]);
    if (!b) return refuse("record.base64");
    checkPart(r.header.id, p.name, b);
    if (hex(sha256(b)) !== p.sha256) refuse("record.part-hash");
    r.parts[i] = b;
  });
  return r;
}

/** Reads a record from its envelope alone. @param {Uint8Array} text @returns {Rec} */
export function parseEnvelope(text) {
  if (text.length > 17408) refuse("record.size");
  return open(is.read(strictly(text, "record.envelope"), envelope, "record.envelope"));
}

/** Opens an envelope of any purpose with one signature. @param {string} text @param {string} rule broken if it is none */
export function openEnvelope(text, rule) {
  const e = is.read(text, envelope, rule), raw = unbase64(e.payload), sig = unbase64(e.signatures[0]?.sig ?? "");
  if (e.signatures.length !== 1 || !raw || sig?.length !== 64 || text.length > 2048) return refuse(rule);
  return { type: String(e.payloadType), raw, sig, text: strictly(raw, rule) };
}

/** @param {{payload: string, payloadType: string, signatures: {sig: string}[]}} e @returns {Rec} */
function open(e) {
  const exercise = e.payloadType === typeOf("record", true);
  if (!exercise && e.payloadType !== typeOf("record", false)) refuse("record.type");
  if (e.signatures.length !== 1) refuse("record.signatures");
  const raw = unbase64(e.payload), sig = unbase64(e.signatures[0].sig);
  if (!raw || !sig) return refuse("record.base64");
  if (sig.length !== 64) refuse("record.signature");
  const h = parseHeader(raw);
  return { header: h, raw, hash: hex(sha256(raw)), exercise, sig, parts: h.parts.map(() => null) };
}

/** Whether s can name a kind, an actor, a place. @param {string} s */
export const goodName = (s) => /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(s);

/** Reads the exact bytes of a header. @param {Uint8Array} raw @returns {Header} */
export function parseHeader(raw) {
  if (raw.length > 8192) refuse("record.size");
  /** @type {Header} */
  const h = is.read(strictly(raw, "record.header"), header, "record.header");
  if (h.v !== 1) refuse("record.version");
  if (!goodName(h.kind)) refuse("record.kind");
  if (!goodName(h.by)) refuse("record.by");
  if (h.seq < 1) refuse("record.seq");
  if ((h.seq === 1) !== (h.prev === null)) refuse("record.prev");
  const places = h.parts.map((p) => PARTS.indexOf(p.name));
  if (places[0] !== 0 || places.some((n, i) => n < 0 || (i && n <= places[i - 1]))) refuse("record.parts");
  return h;
}

/** @param {string} id @param {string} name @param {Uint8Array} b */
function checkPart(id, name, b) {
  if (b.length > (name === "media" ? 8388608 : 65536)) refuse("record.size");
  if (name === "media") {
    const end = b.subarray(0, 257).indexOf(10);
    const f = String.fromCharCode(...b.subarray(0, Math.max(end, 0))).split(" ");
    if (f.length !== 4 || f[0] !== "corridor-media/v1" || f[1] !== id || !isHex(f[2], 32) || !/^[a-z0-9+.-]+\/[a-z0-9+.-]+$/.test(f[3])) refuse("record.media");
    return;
  }
  const head = utf8(`{"id":"${id}","part":"${name}","nonce":"`);
  const nonce = b.subarray(head.length, head.length + 33);
  if (!equal(b.subarray(0, head.length), head) || !isHex(String.fromCharCode(...nonce.subarray(0, 32)), 32) || nonce[32] !== 34) refuse("record.part-head");
  if (b.some((x) => x < 32)) refuse("record.part-text");
}

/** Whether a record's signature holds under a public key, and the rule it breaks if not. @param {Rec} r @param {Uint8Array} key */
export async function signatureRule(r, key) {
  if (key.length !== 32 || hex(sha256(key)) !== r.header.key) return "record.key";
  return (await verify(key, pae(typeOf("record", r.exercise), r.raw), r.sig)) ? "" : "record.signature";
}

/** The facts of a record as they read, null if they are not carried or are no JSON. @param {Rec} r @returns {any} */
export function facts(r) {
  try {
    return r.parts[0] && JSON.parse(textOf(r.parts[0]));
  } catch {
    return null;
  }
}
