// Bytes and the texts that stand for them. Every reader here takes one spelling and no other.

/** A Refused says which rule something breaks, by the stable name the Go programs use. */
export class Refused extends Error {
  /** @param {string} rule @param {string} [detail] */
  constructor(rule, detail = "") {
    super(rule + (detail && ": " + detail));
    this.rule = rule;
    this.detail = detail;
  }
}

/** @param {string} rule @param {string} [detail] @returns {never} */
export const refuse = (rule, detail) => {
  throw new Refused(rule, detail);
};

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {string} s */
export const utf8 = (s) => encoder.encode(s);

/** The text of bytes; throws if they are not UTF-8. @param {Uint8Array} b */
export const textOf = (b) => decoder.decode(b);

/** @param {Uint8Array} b */
export const hex = (b) => Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");

/** Whether a value is so many lower-case hex digits. @param {unknown} s @param {number} n @returns {s is string} */
export const isHex = (s, n) => typeof s === "string" && s.length === n && !/[^0-9a-f]/.test(s);

/** @param {string} s */
export const unhex = (s) => Uint8Array.from({ length: s.length / 2 }, (_, i) => parseInt(s.slice(2 * i, 2 * i + 2), 16));

/** @param {Uint8Array} b */
export const base64 = (b) => {
  let s = "";
  for (let i = 0; i < b.length; i += 8192) s += String.fromCharCode(...b.subarray(i, i + 8192));
  return btoa(s);
};

/**
 * Reads standard base64 in its one spelling, padded, without line breaks or bits left over.
 * @param {string} s @returns {Uint8Array | null}
 */
export const unbase64 = (s) => {
  if (s.length % 4 || /[^A-Za-z0-9+/=]/.test(s)) return null;
  try {
    const raw = atob(s);
    const b = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) b[i] = raw.charCodeAt(i);
    const end = s.slice(-4); // only the last four signs can have bits left over
    return base64(b.subarray(Math.max(0, (s.length / 4 - 1) * 3))) === end ? b : null;
  } catch {
    return null;
  }
};

/** @param {Uint8Array} a @param {Uint8Array} b */
export const equal = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

/** @param {...Uint8Array} list */
export const join = (...list) => {
  const out = new Uint8Array(list.reduce((n, b) => n + b.length, 0));
  let at = 0;
  for (const b of list) {
    out.set(b, at);
    at += b.length;
  }
  return out;
};

/** Splits a text at the first mark; the second half is null without one. @param {string} s @param {string} mark @returns {[string, string | null]} */
export const cut = (s, mark) => {
  const i = s.indexOf(mark);
  return i < 0 ? [s, null] : [s.slice(0, i), s.slice(i + mark.length)];
};

/** The lines of a text, each with its line feed if it has one. @param {string} s */
export const lines = (s) => s.match(/[^\n]*\n|[^\n]+$/g) ?? [];
