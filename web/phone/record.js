// A record is made here: parts in the order of their types, a header at the end of this key's
// chain, a signature. Under one lock for all windows, and kept in one step with the chain: two
// windows cannot sign the same number.

import { base64, hex, Refused, unhex, utf8 } from "../lib/check/bytes.js";
import { parseCard } from "../lib/check/card.js";
import { leafOf } from "../lib/check/leaf.js";
import { parseLine, PARTS } from "../lib/check/record.js";
import { sha256 } from "../lib/check/sha256.js";
import { header, moment, nonce, sign } from "../lib/desk/sign.js";
import * as db from "./db.js";
import { KINDS, TYPES } from "./kinds.js";
import { mission } from "./mission.js";
import { version } from "./version.js";
import * as vault from "./vault.js";

/** @typedef {{name: string, type: string, optional: boolean}} Part */
/** @typedef {{name: string, type: string, list: boolean, nullable: boolean}} Member */

/** The kinds there are. */
export const KINDS_OF = Object.keys(KINDS);

/** The parts of a kind. @param {string} kind @returns {Part[]} */
export const partsOf = (kind) => KINDS[kind].split(" ").map((p) => {
  const [name, type] = p.split(":");
  return { name: name.replace("?", ""), type, optional: name.endsWith("?") };
});

/** The members of an object's type. @param {string} type @returns {Member[]} */
export const membersOf = (type) => TYPES[type].slice(1).split(" ").filter((m) => m).map((m) => {
  const [name, t] = m.split(":");
  return { name, type: t.replace("[]", "").replace("?", ""), list: t.startsWith("[]"), nullable: t.endsWith("?") };
});

/** What a type is. @param {string} type @returns {{form: string, of: string, words: string[]}} */
export function formOf(type) {
  const says = TYPES[type];
  if (says[0] === "{") return { form: "object", of: "", words: [] };
  if (says[0] === "=") return { form: "word", of: "", words: says.slice(1).split(" ") };
  const [form, of = ""] = says.split(" ");
  return { form, of, words: [] };
}

/** A value with every member of its type, in its order. @param {string} type @param {any} given @returns {any} */
export function whole(type, given) {
  const f = formOf(type);
  if (f.form === "list") return (given ?? []).map((/** @type {any} */ v) => whole(f.of, v));
  if (f.form !== "object") return given;
  return Object.fromEntries(membersOf(type).map((m) => {
    const v = given?.[m.name];
    if (m.list) return [m.name, (v ?? []).map((/** @type {any} */ x) => whole(m.type, x))];
    if (v === undefined || v === null) return [m.name, null];
    return [m.name, whole(m.type, v)];
  }));
}

/** @typedef {Record<string, any>} Given the members of each part, by its name */

/** The facts of a kind as a correction restates them. @param {string} kind @param {any} facts */
export const restated = (kind, facts) => whole(partsOf(kind)[0].type, facts);

/** The fingerprint of the device's key, its private half and what it was signed with. */
export async function deviceKey() {
  return /** @type {Promise<{privateKey: CryptoKey, fingerprint: string}>} */ (db.get("keys", vault.door()));
}

/** @typedef {{seq: number, last: string | null}} Chain */

/**
 * What the queue has of a record. Where the mission has a sealing key the disk has the sealed bytes
 * alone, from the first moment on: kind, line and what was entered are in memory, for as long as it
 * can be corrected where it stands. Without one they are in line and given. Both are null once they
 * were forgotten.
 * @typedef {{hash: string, seq: number, kind: string, at: string, leaf: string, sealed: string | null, name: string, line: string | null, given: Given | null,
 *   state: "here" | "later" | "refused" | "logged" | "cosigned", rule: string, reason: string, due: number, tries: number,
 *   receipt: string, index: number, own?: boolean}} Item
 *   sealed: base64; name: SHA-256 of the sealed bytes; own: dropped by the observer's own hand
 */

// Packing and sealing are loaded once the app stands, and are there before anything is entered.
const packing = () => import("../lib/phone/compact.js");
const sealing = () => import("../lib/phone/seal.js");

/**
 * Packs a record and seals it to the mission. Null where the mission has no sealing key, or this
 * browser cannot use it: the record then lies under the PIN alone.
 * @param {string} line @param {string} to @returns {Promise<Uint8Array | null>}
 */
async function sealed(line, to) {
  if (!to) return null;
  const [{ pack }, { seal }] = await Promise.all([packing(), sealing()]);
  return seal(pack(utf8(line), true), to).catch((e) => {
    if (e instanceof Refused) throw e;
    return null; // no X25519 here
  });
}

/** Loads what the first record will need. */
export const warm = () => Promise.all([packing(), sealing()]);

/** How long an entry can be corrected where it stands, in milliseconds. */
export const MENDS = 10 * 60e3;

/** What was entered in this window a moment ago. @type {Map<string, {kind: string, given: Given, until: number}>} */
const fresh = new Map();

/** Forgets what was entered. What is sealed can be read by the mission alone from now on. */
export const forget = () => fresh.clear();

/** An item with what is remembered of it. @param {Item} item @returns {Item} */
export function remembered(item) {
  const f = fresh.get(item.hash);
  if (f && performance.now() > f.until) fresh.delete(item.hash);
  else if (f && !item.own) return { ...item, kind: f.kind, given: f.given };
  return item;
}

/**
 * Signs a record and puts it into the queue. When this returns it is on the disk.
 * @param {string} kind @param {Given} given @param {string | null} [re] @returns {Promise<Item>}
 */
export const write = async (kind, given, re = null) => navigator.locks.request("phone-sign", async () => {
  const m = await mission(), key = await deviceKey(), card = parseCard(m.card);
  /** @type {Chain} */
  const chain = (await db.get("keys", "chain")) ?? { seq: 0, last: null };
  const seen = (await vault.get("seen"))?.signed ?? null;
  const id = m.calm ? await flagged(m.flag ?? "", key.fingerprint, chain.seq + 1) : nonce();
  const parts = partsOf(kind).filter((p) => !p.optional || given[p.name])
    .sort((a, b) => PARTS.indexOf(a.name) - PARTS.indexOf(b.name))
    .map((p) => ({ name: p.name, text: JSON.stringify({ id, part: p.name, nonce: nonce(), ...whole(p.type, given[p.name] ?? {}) }) }));
  /** @type {import("../lib/desk/sign.js").Draft} */
  const draft = { exercise: card.exercise, mission: card.mission, kind, by: m.standing.observer, re, id, seen, parts };
  const at = moment(new Date());
  const raw = header(draft, { key: key.fingerprint, seq: chain.seq + 1, prev: chain.last, at, nonce: nonce(), app: await version() });
  const { line, hash } = await sign(key.privateKey, draft, raw);
  const bytes = await sealed(line, m.sealing);
  /** @type {Item} */
  const made = { hash, seq: chain.seq + 1, kind, at, leaf: leafOf(parseLine(utf8(line))), sealed: null, name: "", line, given, state: "here", rule: "", reason: "", due: 0, tries: 0, receipt: "", index: -1 };
  const item = bytes ? { ...made, kind: "", sealed: base64(bytes), name: hex(sha256(bytes)), line: null, given: null } : made;
  const queued = await vault.seal(item), door = vault.door(); // no waiting inside a transaction
  await db.change(["queue", "keys"], "readwrite", (at) => {
    at("queue").add({ door, ...queued });
    at("keys").put({ seq: item.seq, last: hash }, "chain"); // one chain behind both doors
  });
  fresh.set(hash, { kind, given, until: performance.now() + MENDS });
  return made;
});

/**
 * The id of a record that was made behind the second PIN: to whoever knows neither this phone's
 * invitation nor its hash it is as good as chance, and the office recognises it.
 * @param {string} flag hex @param {string} key fingerprint @param {number} seq
 */
async function flagged(flag, key, seq) {
  const k = await crypto.subtle.importKey("raw", /** @type {BufferSource} */ (unhex(flag)), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(new Uint8Array(await crypto.subtle.sign("HMAC", k, /** @type {BufferSource} */ (utf8(`corridor-duress/v1\n${key}\n${seq}\n`)))).subarray(0, 16));
}
