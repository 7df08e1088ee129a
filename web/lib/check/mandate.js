// What is read of a mandate without replaying its rules: the log, its cosigners, and keys.

import { hex, isHex, refuse, unhex } from "./bytes.js";
import { makeCard } from "./card.js";
import { keyRule } from "./ed25519.js";
import { facts, signatureRule } from "./record.js";
import { sha256 } from "./sha256.js";

/** @typedef {import("./record.js").Rec} Rec */

/** The keys that the facts of a record give, and to whom. @param {Rec} rec @param {any} f @returns {{key: Uint8Array, name: string, of: string}[]} */
export function enrols(rec, f) {
  const { kind, by } = rec.header, t = kind === "amendment" ? f.terms : f;
  const all = [[t?.node_key, "node"], [f.key, kind === "nomination" ? f.observer : f.key?.use === "node" ? "node" : by]];
  if (Array.isArray(t?.actors)) for (const a of t.actors) if (Array.isArray(a?.keys)) for (const k of a.keys) all.push([k, a.id]);
  return all.flatMap(([k, of]) => {
    if (!isHex(k?.key, 64) || k.use === "sealing" || keyRule(unhex(k.key))) return [];
    return [{ key: unhex(k.key), name: hex(sha256(unhex(k.key))), of }];
  });
}

/** The card that a founding mandate gives; throws the rule that it breaks. @param {Rec} rec */
export async function founding(rec) {
  const f = facts(rec), h = rec.header;
  const keys = f?.actors?.find?.((/** @type {any} */ a) => a.id === h.by)?.keys;
  const own = h.kind === "mandate" && keys?.find?.((/** @type {any} */ k) => k.use === "working" && isHex(k.key, 64) && hex(sha256(unhex(k.key))) === h.key);
  const rule = !own ? "mission.founder" : keyRule(unhex(own.key)) || (h.mission ? "mandate.second" : "") || (await signatureRule(rec, unhex(own.key)));
  if (rule) refuse(rule);
  const card = makeCard(rec.hash, rec.exercise, f.log_key, f.witnesses);
  return f.origin === card.key.name ? card : refuse("mandate.log");
}
