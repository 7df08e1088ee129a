// Packs a record into few bytes, as internal/compact does: the same bytes for the same record.
// The format is described there and in doc/formats.md.

import { isHex, join, unbase64, unhex, utf8 } from "../check/bytes.js";
import { time } from "../check/json.js";
import { parseLine, PARTS } from "../check/record.js";
import { EDITIONS, SHAPES, WORDS } from "./dictionary.js";

/** @typedef {{n: number, words: number, shapes: number}} Edition of the dictionary, from 1 on */

/** How many bytes of a shortened mission or key travel. */
export const SHORT = 8;
export const FLAGS = { exercise: 1, mission: 2, short: 4, prev: 8, seen: 16, app: 32, re: 64 };
export const OP = {
  word: 0, string: 0x80, int: 0xa0, list: 0xc0, null: 0xd0, false: 0xd1, true: 0xd2, words: 0xd3, strings: 0xd4, ints: 0xd5,
  minus: 0xd6, lists: 0xd7, shape: 0xd8, object: 0xd9, hex: 0xda, time: 0xdb, runs: 0xdc, raw: 0xdd,
};
export const MAX_DEPTH = 32;

/** @param {number} n @returns {Edition | null} */
export const edition = (n) => (EDITIONS[n - 1] ? { n, words: EDITIONS[n - 1][0], shapes: EDITIONS[n - 1][1] } : null);

const newest = /** @type {Edition} */ (edition(EDITIONS.length));
const words = new Map(WORDS.map((w, i) => [w, i]));
const shapes = new Map(SHAPES.map((s, i) => [s.join("\0"), i]));
/** Bytes as text of one sign a byte, which keeps every byte. @param {Uint8Array | number[]} b */
export const latin = (b) => {
  let s = "";
  for (let i = 0; i < b.length; i += 8192) s += String.fromCharCode(...b.slice(i, i + 8192));
  return s;
};

/** @param {number} n */
export function uvarint(n) {
  const b = [];
  for (; n > 127; n = Math.floor(n / 128)) b.push((n % 128) + 128);
  return [...b, n];
}

/** @param {number} n */
const varint = (n) => uvarint(n < 0 ? -2 * n - 1 : 2 * n);

/** A number below n in the operation itself. @param {number} op @param {number} n @param {number} beyond @param {number} v */
const small = (op, n, beyond, v) => (v < n ? [op + v] : [beyond, ...uvarint(v - n)]);

/**
 * Packs a record as it travels, one line. Short leaves most of the mission's hash and of the
 * key's fingerprint to whoever knows the mission.
 * @param {Uint8Array} line @param {boolean} short
 */
export const pack = (line, short) => packRecord(parseLine(line), short, newest);

/** @param {import("../check/record.js").Rec} r @param {boolean} short @param {Edition} e */
export function packRecord(r, short, e) {
  const h = r.header, at = Date.parse(h.at) / 1000, p = { e, at };
  /** @param {string} s */
  const name = (s) => unhex(short ? s.slice(0, 2 * SHORT) : s);
  let flags = (r.exercise ? FLAGS.exercise : 0) | (short ? FLAGS.short : 0);
  for (const k of /** @type {const} */ (["mission", "prev", "seen", "app", "re"])) if (h[k] !== null) flags |= FLAGS[k];
  const named = h.parts.map((x) => 1 << PARTS.indexOf(x.name));
  return join(
    Uint8Array.from([1, ...uvarint(e.n), flags]), unhex(r.hash.slice(0, 8)), r.sig,
    h.mission === null ? new Uint8Array() : name(h.mission), name(h.key), unhex(h.id), unhex(h.nonce),
    Uint8Array.from([...uvarint(h.seq), ...varint(at), ...string(p, utf8(h.kind)), ...string(p, utf8(h.by))]),
    unhex((h.prev ?? "") + (h.app ?? "") + (h.re ?? "")), Uint8Array.from(h.seen === null ? [] : string(p, utf8(h.seen))),
    Uint8Array.from([named.reduce((a, b) => a | b, 0), named.reduce((a, b, i) => (r.parts[i] ? a | b : a), 0)]),
    ...h.parts.map((x, i) => {
      const b = r.parts[i];
      return !b ? unhex(x.sha256) : x.name === "media" ? media(p, b) : part(p, b.subarray(60 + x.name.length));
    }),
  );
}

/** @typedef {{e: Edition, at: number}} Packer at: the record's, in seconds */

/** @param {Packer} p @param {Uint8Array} b */
function media(p, b) {
  const end = b.indexOf(10), f = latin(b.subarray(0, end)).split(" ");
  return join(unhex(f[2]), Uint8Array.from([...string(p, utf8(f[3])), ...uvarint(b.length - end - 1)]), b.subarray(end + 1));
}

/** What follows the head of a part: nonce and members. @param {Packer} p @param {Uint8Array} b */
function part(p, b) {
  const nonce = unhex(latin(b.subarray(0, 32))), rest = b.subarray(33), more = rest.length > 1 && rest[0] === 44;
  const text = join(utf8("{"), more ? rest.subarray(1) : rest);
  const s = { text, at: 0 };
  const packed = value(p, s, 0);
  const fits = packed && s.at === text.length && text.length > 2 === (rest[0] === 44);
  return join(nonce, fits ? Uint8Array.from(packed) : join(Uint8Array.from([OP.raw, ...uvarint(rest.length)]), rest));
}

/** @typedef {{text: Uint8Array, at: number}} Source JSON text that is being read */

/** @param {Source} s @param {number} c */
const has = (s, c) => s.text[s.at] === c && (s.at++, true);

/** @param {number[]} to @param {number[]} from */
const append = (to, from) => {
  for (const x of from) to.push(x);
};

/** Packs the JSON value at the source; null if it is none in its one spelling. @param {Packer} p @param {Source} s @param {number} depth @returns {number[] | null} */
function value(p, s, depth) {
  if (s.at === s.text.length || depth > MAX_DEPTH) return null;
  const c = s.text[s.at];
  if (c === 34) {
    const t = quoted(s);
    return t && string(p, t);
  }
  if (c === 123) return object(p, s, depth);
  if (c === 91) return list(p, s, depth);
  if (c === 45 || (c >= 48 && c <= 57)) return number(s);
  for (const w of /** @type {const} */ (["null", "false", "true"])) {
    if (latin(s.text.subarray(s.at, s.at + w.length)) === w) {
      s.at += w.length;
      return [OP[w]];
    }
  }
  return null;
}

/** @param {Packer} p @param {Source} s @param {number} depth */
function object(p, s, depth) {
  s.at++;
  const names = /** @type {Uint8Array[]} */ ([]), values = [];
  while (!has(s, 125)) {
    if ((names.length && !has(s, 44)) || s.text[s.at] !== 34) return null;
    const n = quoted(s);
    if (!n || !has(s, 58)) return null;
    const v = value(p, s, depth + 1);
    if (!v) return null;
    names.push(n);
    values.push(v);
  }
  const n = shapes.get(names.map(latin).join("\0"));
  const known = n !== undefined && n < p.e.shapes && SHAPES[n].length === names.length;
  const out = known ? [OP.shape, ...uvarint(n)] : [OP.object, ...uvarint(names.length)];
  values.forEach((v, i) => {
    if (!known) append(out, string(p, names[i]));
    append(out, v);
  });
  return out;
}

/** @param {Packer} p @param {Source} s @param {number} depth */
function list(p, s, depth) {
  s.at++;
  /** @type {number[]} */
  const all = [];
  let n = 0;
  for (; !has(s, 93); n++) {
    if (n && !has(s, 44)) return null;
    const v = value(p, s, depth + 1);
    if (!v) return null;
    append(all, v);
  }
  const out = small(OP.list, 16, OP.lists, n);
  append(out, all);
  return out;
}

/** @param {Source} s */
function number(s) {
  const from = s.at;
  has(s, 45);
  while (s.text[s.at] >= 48 && s.text[s.at] <= 57) s.at++;
  const t = latin(s.text.subarray(from, s.at)), n = Number(t);
  if (!/^(0|-?[1-9][0-9]*)$/.test(t) || t.length > 17 || BigInt(t) > 2n ** 53n || BigInt(t) < -(2n ** 53n)) return null;
  return n < 0 ? [OP.minus, ...uvarint(-n - 1)] : small(OP.int, 32, OP.ints, n);
}

const escapes = new Map([[34, 34], [92, 92], [98, 8], [102, 12], [110, 10], [114, 13], [116, 9]]);

/** A JSON string with no escape but those that must be. @param {Source} s @returns {Uint8Array | null} */
function quoted(s) {
  const out = [];
  for (s.at++; s.at < s.text.length; s.at++) {
    const c = s.text[s.at];
    if (c === 34) {
      s.at++;
      return Uint8Array.from(out);
    }
    if (c < 32) return null;
    if (c !== 92) {
      out.push(c);
      continue;
    }
    const x = escapes.get(s.text[s.at + 1]), t = latin(s.text.subarray(s.at, s.at + 6));
    if (x !== undefined) {
      out.push(x);
      s.at++;
    } else if (/^\\u00[01][0-9a-f]$/.test(t) && JSON.stringify(JSON.parse(`"${t}"`)) === `"${t}"`) {
      out.push(parseInt(t.slice(2), 16));
      s.at += 5;
    } else return null;
  }
  return null;
}

/** Packs a string in the first way that fits it. @param {Packer} p @param {Uint8Array} t @returns {number[]} */
export function string(p, t) {
  const s = latin(t), n = words.get(s);
  if (n !== undefined && n < p.e.words) return small(OP.word, 128, OP.words, n);
  if (s.length >= 8 && s.length % 2 === 0 && isHex(s, s.length)) return [OP.hex, ...uvarint(s.length / 2), ...unhex(s)];
  if (time(s)) return [OP.time, ...varint(Date.parse(s) / 1000 - p.at)];
  const plain = small(OP.string, 32, OP.strings, t.length);
  append(plain, /** @type {any} */ (t));
  const packed = runs(t, s);
  return packed.length < plain.length ? packed : plain;
}

/** A text as runs: its first line once more, base64, hex, and what is between. @param {Uint8Array} t @param {string} s */
function runs(t, s) {
  const end = s.indexOf("\n"), first = end < 0 ? s : s.slice(0, end);
  /** @type {number[]} */
  const out = [];
  let n = 0, plain = 0;
  /** @param {number} to @param {number} sort @param {number} size @param {Uint8Array} b */
  const run = (to, sort, size, b) => {
    if (to > plain) {
      append(out, [...uvarint((to - plain) * 4), ...t.subarray(plain, to)]);
      n++;
    }
    if (sort) {
      append(out, [...uvarint(size * 4 + sort), ...b]);
      n++;
    }
  };
  for (let i = 0; i < t.length; ) {
    const fresh = i === plain;
    if (first.length >= 8 && i >= first.length && s.startsWith(first, i)) {
      run(i, 3, 0, new Uint8Array());
      plain = i += first.length;
      continue;
    }
    if (fresh || !/[A-Za-z0-9+/=]/.test(s[i - 1])) {
      const text = sticky(/[A-Za-z0-9+/]*={0,2}/y, s, i), b = text.length >= 24 ? unbase64(text) : null;
      if (b) {
        run(i, 1, b.length, b);
        plain = i += text.length;
        continue;
      }
    }
    if (fresh || !/[0-9a-f]/.test(s[i - 1])) {
      const digits = sticky(/[0-9a-f]*/y, s, i).length, size = digits - (digits % 2);
      if (size >= 16) {
        run(i, 2, size / 2, unhex(s.slice(i, i + size)));
        plain = i += size;
        continue;
      }
      if (digits > 1) i += digits - 1;
    }
    i++;
  }
  run(t.length, 0, 0, new Uint8Array());
  return [OP.runs, ...uvarint(n), ...out];
}

/** What an expression finds at a place. @param {RegExp} e @param {string} s @param {number} i */
function sticky(e, s, i) {
  e.lastIndex = i;
  return e.exec(s)?.[0] ?? "";
}

