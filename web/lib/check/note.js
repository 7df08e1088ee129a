// Signed notes, checkpoints and verifier keys (c2sp.org/signed-note, tlog-checkpoint,
// tlog-cosignature). Texts have one spelling; what another program might read differently is
// refused.

import { cut, equal, hex, join, lines, refuse, unbase64, utf8 } from "./bytes.js";
import { keyRule, verify } from "./ed25519.js";
import { sha256 } from "./sha256.js";
import { EMPTY, MAX_SIZE } from "./tree.js";

/** @typedef {{name: string, id: string, type: number, key: Uint8Array}} Key id: eight hex digits */
/** @typedef {{name: string, id: string, sig: Uint8Array}} Signature */
/** @typedef {{origin: string, size: bigint, root: Uint8Array, text: string, sigs: Signature[]}} Checkpoint text: the signed lines */

const LOG = 1, COSIGNER = 4;
export const MAX_NOTE = 65536;

/** @param {string} name */
export const goodName = (name) => name !== "" && !/[+\p{White_Space}\p{Cc}\p{Cs}]/u.test(name) && utf8(name).length <= 255;

/** Whether the signatures of a key can be checked here. @param {Key} k */
export const known = (k) => k.type === LOG || k.type === COSIGNER;

/** @param {Key} k */
export const isLog = (k) => k.type === LOG;

/** Reads a verifier key, name+id+base64. @param {string} vkey @returns {Key} */
export function parseKey(vkey) {
  const [name, rest] = cut(vkey, "+");
  const [id, b64] = cut(rest ?? "", "+");
  const raw = unbase64(b64 ?? "");
  if (vkey.length > MAX_NOTE || !raw || raw.length < 2 || !/^[0-9a-f]{8}$/.test(id) || !goodName(name)) return refuse("vkey.form");
  const k = { name, id, type: raw[0], key: raw.subarray(1) };
  if (known(k)) {
    const bad = keyRule(k.key);
    if (bad) refuse(bad);
    if (hex(sha256(join(utf8(name + "\n"), raw))).slice(0, 8) !== id) refuse("vkey.id");
  }
  return k;
}

/** The verifier key as it is written. @param {Key} k @param {Signature} s */
const made = (k, s) => k.id === s.id && k.name === s.name;

/** Reads a decimal without sign or leading zeros. @param {string} s */
export const number = (s) => {
  const n = /^(0|[1-9][0-9]{0,18})$/.test(s) ? BigInt(s) : -1n;
  return n < 0n || n >= 2n ** 63n ? refuse("number.form") : n;
};

/** Reads a hash in base64. @param {string} s */
export const hash64 = (s) => {
  const b = unbase64(s);
  return b?.length === 32 ? b : refuse("hash.form");
};

/** Reads a signed checkpoint and checks no signature. @param {string} signed @returns {Checkpoint} */
export function parseCheckpoint(signed) {
  const bad = () => refuse("checkpoint.form");
  if (utf8(signed).length > MAX_NOTE || /\p{Cs}/u.test(signed)) bad();
  const [body, rest] = cut(signed, "\n\n");
  const sigs = lines(rest ?? "").map((line) => {
    const m = /^— ([^ ]*) (.*)\n$/.exec(line);
    const raw = m && goodName(m[1]) && unbase64(m[2]);
    if (!m || !raw || raw.length < 5) return bad();
    return { name: m[1], id: hex(raw.subarray(0, 4)), sig: raw.subarray(4) };
  });
  const [origin, size, root, more] = body.split("\n");
  if (!sigs.length || sigs.length > 100 || root === undefined || more !== undefined || !goodName(origin)) bad();
  const c = { origin, size: number(size), root: hash64(root), text: body + "\n", sigs };
  if (c.size > MAX_SIZE || (!c.size && !equal(c.root, EMPTY))) bad();
  return c;
}

/** Whether the log signed a checkpoint under its own name. @param {Checkpoint} c @param {Key} log */
export async function signedBy(c, log) {
  const own = c.sigs.filter((s) => made(log, s));
  for (const s of own) if (s.sig.length !== 64 || !(await verify(log.key, utf8(c.text), s.sig))) return false;
  return own.length > 0 && c.origin === log.name;
}

/**
 * The second of a cosigner's newest cosignature, null if it has none. Every one it has must hold.
 * @param {Checkpoint} c @param {Key} k @returns {Promise<bigint | null>}
 */
export async function cosignedAt(c, k) {
  let last = null;
  for (const s of c.sigs.filter((s) => made(k, s))) {
    if (s.sig.length !== 72) return refuse("cosignature.form");
    const at = new DataView(s.sig.buffer, s.sig.byteOffset).getBigUint64(0);
    const text = utf8(`cosignature/v1\ntime ${at}\n${c.text}`);
    if (at >= 2n ** 63n || !(await verify(k.key, text, s.sig.subarray(8)))) return refuse("cosignature.signature");
    if (last === null || at > last) last = at;
  }
  return last;
}
