// A record is made here: parts in the order of their types, a header at the end of this key's
// chain, a signature. Under one lock for all windows, and kept in one step with the chain: two
// windows cannot sign the same number.

import { utf8 } from "../lib/check/bytes.js";
import { parseCard } from "../lib/check/card.js";
import { leafOf } from "../lib/check/leaf.js";
import { parseLine, PARTS } from "../lib/check/record.js";
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
 * What the queue has of a record. line is null once it was forgotten; given is what was entered,
 * for a correction in place.
 * @typedef {{hash: string, seq: number, kind: string, at: string, re: string | null, leaf: string, line: string | null, given: Given | null,
 *   state: "here" | "later" | "refused" | "logged" | "cosigned", rule: string, reason: string, due: number, tries: number,
 *   receipt: string, index: number, own?: boolean}} Item own: dropped by the observer's own hand
 */

/**
 * Signs a record and puts it into the queue. When this returns it is on the disk.
 * @param {string} kind @param {Given} given @param {string | null} [re] @returns {Promise<Item>}
 */
export const write = async (kind, given, re = null) => navigator.locks.request("phone-sign", async () => {
  const m = await mission(), key = await deviceKey(), card = parseCard(m.card);
  /** @type {Chain} */
  const chain = (await vault.get("chain")) ?? { seq: 0, last: null };
  const seen = (await vault.get("seen"))?.signed ?? null;
  const id = m.calm ? await flagged(m) : nonce();
  const parts = partsOf(kind).filter((p) => !p.optional || given[p.name])
    .sort((a, b) => PARTS.indexOf(a.name) - PARTS.indexOf(b.name))
    .map((p) => ({ name: p.name, text: JSON.stringify({ id, part: p.name, nonce: nonce(), ...whole(p.type, given[p.name] ?? {}) }) }));
  /** @type {import("../lib/desk/sign.js").Draft} */
  const draft = { exercise: card.exercise, mission: card.mission, kind, by: m.standing.observer, re, id, seen, parts };
  const at = moment(new Date());
  const raw = header(draft, { key: key.fingerprint, seq: chain.seq + 1, prev: chain.last, at, nonce: nonce(), app: await version() });
  const { line, hash } = await sign(key.privateKey, draft, raw);
  /** @type {Item} */
  const item = { hash, seq: chain.seq + 1, kind, at, re, leaf: leafOf(parseLine(utf8(line))), line, given, state: "here", rule: "", reason: "", due: 0, tries: 0, receipt: "", index: -1 };
  const queued = await vault.seal(item), next = await vault.seal({ seq: item.seq, last: hash });
  const door = vault.door(), chainAt = vault.at("chain"); // no waiting inside a transaction
  await db.change(["queue", "kept"], "readwrite", (at) => {
    at("queue").add({ door, ...queued });
    at("kept").put(next, chainAt);
  });
  return item;
});

/** A name for a record that only the office can tell from chance. @param {import("./mission.js").Mission} _m */
async function flagged(_m) {
  return nonce();
}
