// Ed25519: the browser checks signatures, this file which keys may be believed at all. Where
// the browser cannot, nothing is guessed: verify throws browser.ed25519.

import { hex, refuse } from "./bytes.js";

const p = 2n ** 255n - 19n;

/** @param {bigint} x @param {bigint} n */
function power(x, n) {
  let r = 1n;
  for (x %= p; n; n >>= 1n, x = (x * x) % p) if (n & 1n) r = (r * x) % p;
  return r;
}

const d = ((p - 121665n) * power(121666n, p - 2n)) % p;

/**
 * Says which rule a public key breaks, "" if none: a key of low order proves nothing, for one
 * signature under it fits every message. The curve is -x² + y² = 1 + dx²y² (RFC 8032, 5.1.3).
 * @param {Uint8Array} key
 */
export function keyRule(key) {
  if (key.length !== 32) return "key.length";
  const sign = key[31] >> 7;
  const y = BigInt("0x" + hex(key.slice().reverse())) & (2n ** 255n - 1n);
  if (y >= p) return "key.encoding";
  const y2 = (y * y) % p;
  const u = (y2 - 1n + p) % p, v = (d * y2 + 1n) % p; // x² = u/v
  if (u === 0n ? sign : power(u * v, (p - 1n) / 2n) !== 1n) return "key.encoding";
  // Of order 1, 2 and 8 besides 4: y = ±1, y = 0, and dy⁴ + 2y² = 1, where doubling gives y = 0.
  return u === 0n || y === 0n || (d * y2 * y2 + 2n * y2) % p === 1n ? "key.low-order" : "";
}

/** @type {Map<string, Promise<CryptoKey>>} */
const keys = new Map();

/** @param {Uint8Array} key */
function load(key) {
  const name = hex(key);
  let k = keys.get(name);
  if (!k) {
    k = crypto.subtle.importKey("raw", /** @type {BufferSource} */ (key), "Ed25519", false, ["verify"]);
    if (keys.size > 9999) keys.clear();
    keys.set(name, k);
  }
  return k;
}

/** Whether a signature over a message holds. The check is the one without the cofactor, as
 * crypto/ed25519 makes it. @param {Uint8Array} key @param {Uint8Array} message @param {Uint8Array} sig */
export async function verify(key, message, sig) {
  try {
    return await crypto.subtle.verify("Ed25519", await load(key), /** @type {BufferSource} */ (sig), /** @type {BufferSource} */ (message));
  } catch {
    return refuse("browser.ed25519"); // no crypto.subtle on this page, or no Ed25519 in it
  }
}
