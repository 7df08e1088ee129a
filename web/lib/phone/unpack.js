// Restores what compact.js packed, byte for byte, and refuses what it would not have packed.

import { base64, equal, hex, join, refuse, utf8 } from "../check/bytes.js";
import { parseLine, PARTS, typeOf } from "../check/record.js";
import { sha256 } from "../check/sha256.js";
import { edition, FLAGS, latin, MAX_DEPTH, OP, packRecord, SHORT } from "./compact.js";
import { EDITIONS, SHAPES, WORDS } from "./dictionary.js";

/** What a shortened name may stand for, by its first digits. @typedef {{mission: (prefix: string) => string[], key: (prefix: string) => string[]}} Known */

const MAX_BYTES = 8814592;
const MAX_PART = 65536;

/** Reads packed bytes; whatever is missing or too large breaks the form. */
class Reader {
  /** @param {Uint8Array} b @param {number} words @param {number} shapes */
  constructor(b, words = 0, shapes = 0) {
    this.b = b;
    this.words = words;
    this.shapes = shapes;
    this.at = 0; // in b
    this.when = 0; // the record's time, in seconds
  }

  /** @param {number} n */
  take(n) {
    if (n > this.b.length - this.at) refuse("compact.form");
    return this.b.subarray(this.at, (this.at += n));
  }

  byte() {
    return this.take(1)[0];
  }

  uint() {
    let n = 0, by = 1;
    for (let i = 0; ; i++, by *= 128) {
      const x = this.byte();
      n += (x % 128) * by;
      if (i > 7 || n > 2 ** 53) refuse("compact.form");
      if (x < 128) return n;
    }
  }

  int() {
    const n = this.uint();
    return n % 2 ? -(n + 1) / 2 : n / 2;
  }

  /** @param {number} n */
  word(n) {
    return utf8(n < this.words ? WORDS[n] : refuse("compact.form"));
  }

  /** @returns {Uint8Array} */
  text() {
    const op = this.byte();
    if (op < OP.string) return this.word(op);
    if (op < OP.int) return this.take(op - OP.string);
    if (op === OP.words) return this.word(this.uint() + 128);
    if (op === OP.strings) return this.take(this.uint() + 32);
    if (op === OP.hex) return utf8(hex(this.take(this.uint())));
    if (op === OP.time) return utf8(moment(this.when + this.int()));
    return op === OP.runs ? this.runs() : refuse("compact.form");
  }

  runs() {
    let t = new Uint8Array();
    for (let n = this.uint(); n > 0; n--) {
      if (t.length > MAX_PART) refuse("compact.form");
      const x = this.uint(), size = Math.floor(x / 4), end = t.indexOf(10);
      const b = x % 4 === 3 ? t.subarray(0, end < 0 ? t.length : end) : this.take(size);
      t = join(t, x % 4 === 1 ? utf8(base64(b)) : x % 4 === 2 ? utf8(hex(b)) : b);
    }
    return t;
  }

  /** Writes the JSON text of a packed value. @param {Uint8Array[]} out @param {number} depth */
  value(out, depth) {
    if (depth > MAX_DEPTH || this.at === this.b.length) refuse("compact.form");
    const op = this.b[this.at], put = (/** @type {string} */ s) => out.push(utf8(s));
    if (op < OP.int || [OP.words, OP.strings, OP.hex, OP.time, OP.runs].includes(op)) return void out.push(quote(this.text()));
    this.at++;
    if (op < OP.list) put(String(op - OP.int));
    else if (op < OP.null) this.list(op - OP.list, out, depth);
    else if (op <= OP.true) put(["null", "false", "true"][op - OP.null]);
    else if (op === OP.ints) put(String(BigInt(this.uint()) + 32n));
    else if (op === OP.minus) put(String(-1n - BigInt(this.uint())));
    else if (op === OP.lists) this.list(this.uint() + 16, out, depth);
    else if (op === OP.shape) {
      const n = this.uint(), names = n < this.shapes ? SHAPES[n] : refuse("compact.form");
      this.object(names.length, (i) => utf8(names[i]), out, depth);
    } else if (op === OP.object) this.object(this.uint(), () => this.text(), out, depth);
    else refuse("compact.form");
  }

  /** @param {number} n @param {Uint8Array[]} out @param {number} depth */
  list(n, out, depth) {
    out.push(utf8("["));
    for (let i = 0; i < n; i++) {
      if (i) out.push(utf8(","));
      this.value(out, depth + 1);
    }
    out.push(utf8("]"));
  }

  /** @param {number} n @param {(i: number) => Uint8Array} name @param {Uint8Array[]} out @param {number} depth */
  object(n, name, out, depth) {
    out.push(utf8("{"));
    for (let i = 0; i < n; i++) {
      if (i) out.push(utf8(","));
      out.push(quote(name(i)), utf8(":"));
      this.value(out, depth + 1);
    }
    out.push(utf8("}"));
  }
}

/** @param {number} seconds */
function moment(seconds) {
  const d = new Date(seconds * 1000);
  const s = Number.isNaN(d.getTime()) ? "" : d.toISOString();
  return /^(?!0000)\d{4}-/.test(s) ? s.slice(0, 19) + "Z" : refuse("compact.form");
}

/** A string as JSON has it. @param {Uint8Array} t */
function quote(t) {
  const out = [34];
  for (const c of t) {
    if (c < 32 || c === 34 || c === 92) out.push(...utf8(JSON.stringify(String.fromCharCode(c)).slice(1, -1)));
    else out.push(c);
  }
  out.push(34);
  return Uint8Array.from(out);
}

/** @param {Reader} u @param {string} id @param {string} name */
function part(u, id, name) {
  const nonce = hex(u.take(16));
  if (name === "media") {
    const type = u.text(), head = join(utf8(`corridor-media/v1 ${id} ${nonce} `), type, utf8("\n"));
    return join(head, u.take(u.uint()));
  }
  const head = utf8(`{"id":"${id}","part":"${name}","nonce":"${nonce}"`);
  if (u.b[u.at] === OP.raw) {
    u.byte();
    return join(head, u.take(u.uint()));
  }
  /** @type {Uint8Array[]} */
  const out = [];
  u.value(out, 0);
  const text = join(...out);
  if (text[0] !== 123) refuse("compact.form");
  if (text.length === 2) return join(head, utf8("}"));
  text[0] = 44;
  return join(head, text);
}

/** Restores a record as it travels, one line. @param {Uint8Array} b @param {Known} known */
export function unpack(b, known) {
  if (b.length > MAX_BYTES) refuse("compact.size");
  const u = new Reader(b);
  if (u.byte() !== 1) refuse("compact.form");
  const e = edition(u.uint()) ?? refuse("compact.dictionary", `editions 1 to ${EDITIONS.length}`);
  u.words = e.words;
  u.shapes = e.shapes;
  const flags = u.byte(), short = !!(flags & FLAGS.short), n = short ? SHORT : 32;
  if (flags > 127) refuse("compact.form");
  const check = hex(u.take(4)), sig = u.take(64), mission = flags & FLAGS.mission ? hex(u.take(n)) : null, key = hex(u.take(n));
  const id = hex(u.take(16)), nonce = hex(u.take(16)), seq = u.uint();
  u.when = u.int();
  const at = moment(u.when), kind = textOr(u.text()), by = textOr(u.text());
  const [prev, app, re] = [FLAGS.prev, FLAGS.app, FLAGS.re].map((f) => (flags & f ? hex(u.take(32)) : null));
  const seen = flags & FLAGS.seen ? textOr(u.text()) : null;
  const named = u.byte(), carried = u.byte();
  if (named > 127 || carried & ~named) refuse("compact.form");
  /** @type {{name: string, sha256: string}[]} */
  const refs = [];
  /** @type {(Uint8Array | null)[]} */
  const parts = [];
  PARTS.forEach((name, i) => {
    if (!(named & (1 << i))) return;
    const p = carried & (1 << i) ? part(u, id, name) : null;
    refs.push({ name, sha256: hex(p ? sha256(p) : u.take(32)) });
    parts.push(p);
  });
  if (u.at !== b.length) refuse("compact.form");

  const missions = mission === null ? [null] : short ? known.mission(mission).slice(0, 4) : [mission];
  const keys = short ? known.key(key).slice(0, 4) : [key];
  for (const m of missions) {
    for (const k of keys) {
      const raw = utf8(JSON.stringify({ v: 1, mission: m, kind, id, by, key: k, seq, prev, at, seen, app, re, parts: refs, nonce }));
      if (!hex(sha256(raw)).startsWith(check)) continue;
      const line = utf8(JSON.stringify({
        envelope: { payload: base64(raw), payloadType: typeOf("record", !!(flags & FLAGS.exercise)), signatures: [{ sig: base64(sig) }] },
        parts: parts.map((p, i) => p && (refs[i].name === "media" ? base64(p) : textOr(p))),
      }));
      if (!equal(packRecord(parseLine(line), short, e), b)) refuse("compact.spelling");
      return line;
    }
  }
  return refuse(short && (!missions.length || !keys.length) ? "compact.unknown" : "compact.check");
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {Uint8Array} b */
function textOr(b) {
  try {
    return decoder.decode(b);
  } catch {
    return refuse("compact.form");
  }
}
