// Seals bytes to an age recipient (age-encryption.org/v1, X25519), and only seals: nothing here
// opens what it sealed. Everything but the cipher is the browser's own cryptography.

import { base64, join, refuse, utf8 } from "../check/bytes.js";
import { chacha20poly1305 } from "../vendor/noble-ciphers/chacha.js";

const CHUNK = 65536;
const SIGNS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"; // of Bech32 (BIP 173)

/** @param {number[]} values */
function polymod(values) {
  const g = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let c = 1;
  for (const v of values) {
    const top = c >>> 25;
    c = ((c & 0x1ffffff) << 5) ^ v;
    g.forEach((x, i) => {
      if ((top >>> i) & 1) c ^= x;
    });
  }
  return c;
}

/** The public key of a recipient, age1 and 58 signs. @param {string} text */
export function parseRecipient(text) {
  const signs = [...text.slice(4)].map((s) => SIGNS.indexOf(s)), name = [..."age"].map((s) => s.charCodeAt(0));
  const head = [...name.map((c) => c >> 5), 0, ...name.map((c) => c & 31)];
  if (!text.startsWith("age1") || text.length !== 62 || signs.includes(-1) || polymod([...head, ...signs]) !== 1) refuse("seal.recipient");
  const out = [];
  let bits = 0, have = 0;
  for (const s of signs.slice(0, -6)) {
    bits = ((bits << 5) | s) & 4095;
    have += 5;
    if (have >= 8) out.push((bits >> (have -= 8)) & 255);
  }
  if (out.length !== 32 || (bits & ((1 << have) - 1)) !== 0) refuse("seal.recipient");
  return Uint8Array.from(out);
}

/** @param {Uint8Array} b */
const source = (b) => /** @type {BufferSource} */ (b);

/** @param {Uint8Array} secret @param {Uint8Array} salt @param {string} info */
async function derive(secret, salt, info) {
  const key = await crypto.subtle.importKey("raw", source(secret), "HKDF", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: source(salt), info: source(utf8(info)) }, key, 256));
}

/** @param {Uint8Array} b */
const plain64 = (b) => base64(b).replaceAll("=", "");

/**
 * Seals bytes to a recipient: an age file that the holder of its identity opens, and nobody else,
 * whoever sealed it included. Throws where this browser has no X25519.
 * @param {Uint8Array} plain @param {string} recipient @returns {Promise<Uint8Array>}
 */
export async function seal(plain, recipient) {
  const to = parseRecipient(recipient), none = new Uint8Array();
  const fileKey = crypto.getRandomValues(new Uint8Array(16)), nonce = crypto.getRandomValues(new Uint8Array(16));
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]));
  const share = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const theirs = await crypto.subtle.importKey("raw", source(to), { name: "X25519" }, false, []);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: theirs }, pair.privateKey, 256));
  if (shared.every((x) => x === 0)) refuse("seal.recipient"); // a key of low order
  const wrap = await derive(shared, join(share, to), "age-encryption.org/v1/X25519");
  const stanza = chacha20poly1305(wrap, new Uint8Array(12)).encrypt(fileKey);
  const header = utf8(`age-encryption.org/v1\n-> X25519 ${plain64(share)}\n${plain64(stanza)}\n---`);
  const mac = await crypto.subtle.importKey("raw", source(await derive(fileKey, none, "header")), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const tag = new Uint8Array(await crypto.subtle.sign("HMAC", mac, source(header)));
  const key = await derive(fileKey, nonce, "payload");
  const chunks = Math.max(1, Math.ceil(plain.length / CHUNK));
  /** @type {Uint8Array[]} */
  const out = [header, utf8(` ${plain64(tag)}\n`), nonce];
  for (let i = 0; i < chunks; i++) {
    const n = new Uint8Array(12); // 11 bytes count, the last says that it is the last
    new DataView(n.buffer).setUint32(7, i);
    n[11] = i === chunks - 1 ? 1 : 0;
    out.push(chacha20poly1305(key, n).encrypt(plain.slice(i * CHUNK, (i + 1) * CHUNK)));
  }
  for (const b of [fileKey, shared, wrap, key]) b.fill(0);
  return join(...out);
}

/**
 * Puts sealed items one after the other as POST /api/v1/sealed takes them: four bytes of length,
 * the largest first, before each. @param {Uint8Array[]} items
 */
export const framed = (items) => join(...items.flatMap((b) => {
  const n = new Uint8Array(4);
  new DataView(n.buffer).setUint32(0, b.length);
  return [n, b];
}));
