// The proof that somebody holds a new key.

import { hex, isHex, unhex, utf8 } from "./bytes.js";
import { keyRule, verify } from "./ed25519.js";
import { string } from "./json.js";
import { pae, typeOf } from "./record.js";

/**
 * The rule that a proof of possession breaks, "" if none.
 * @param {Uint8Array} key @param {string} proof @param {boolean} exercise @param {string} origin @param {string | null} mission
 */
export async function possessionRule(key, proof, exercise, origin, mission) {
  const bad = keyRule(key);
  if (bad) return bad;
  const m = pae(typeOf("possession", exercise), utf8(JSON.stringify({ v: 1, origin, mission, key: hex(key) })));
  return string(origin) && isHex(proof, 128) && (await verify(key, m, unhex(proof))) ? "" : "key.possession";
}
