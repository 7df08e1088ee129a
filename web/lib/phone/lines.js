// Bytes as numbered lines of text, for text messages and QR codes; internal/compact joins them.

import { base64, hex } from "../check/bytes.js";
import { sha256 } from "../check/sha256.js";

/** @param {Uint8Array} b */
const base64url = (b) => base64(b).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** @param {Uint8Array} b */
function base32(b) {
  let s = "", bits = 0, have = 0;
  for (const x of b) {
    bits = (bits << 8) | x;
    for (have += 8; have >= 5; have -= 5) s += SIGNS[(bits >> (have - 5)) & 31];
    bits &= (1 << have) - 1;
  }
  return have ? s + SIGNS[(bits << (5 - have)) & 31] : s;
}

/** @typedef {{head: string, digits: number, max: number, check: (b: Uint8Array) => string, armour: (b: Uint8Array) => string, width: number}} Form */

/** For text messages of 160 signs of the GSM 7-bit alphabet. @type {Form} */
export const MESSAGE = { head: "c:", digits: 1, max: 9, check: base64url, armour: base64url, width: 160 };

/** For QR codes in their alphanumeric mode. @type {Form} */
export const CODE = { head: "C:", digits: 2, max: 99, check: (b) => hex(b).toUpperCase(), armour: base32, width: 1000 };

/** Cuts bytes into lines; null if they are too many for the form. @param {Uint8Array} b @param {Form} form */
export function lines(b, form) {
  const check = form.check(sha256(b).subarray(0, 3)), text = form.armour(b);
  const size = form.width - form.head.length - 2 * form.digits - check.length, of = Math.max(1, Math.ceil(text.length / size));
  if (of > form.max) return null;
  /** @param {number} n */
  const number = (n) => String(n).padStart(form.digits, "0");
  return Array.from({ length: of }, (_, i) => form.head + number(i + 1) + number(of) + check + text.slice(i * size, (i + 1) * size));
}
