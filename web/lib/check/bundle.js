// A bundle, checked as far as leaves, signatures and hashes go. The rules of the mission are
// not replayed: what needs them is said to be open, and never to hold.

import { cut, equal, hex, Refused, refuse, textOf, utf8 } from "./bytes.js";
import { LEVELS, makeCard, parseCard } from "./card.js";
import * as is from "./json.js";
import { classOf, leafOf, parseLeaf } from "./leaf.js";
import { enrols, founding } from "./mandate.js";
import { parseCheckpoint, signedBy } from "./note.js";
import { checkSigned, parsePolicy } from "./policy.js";
import { facts, MAX_LINE, parseLine, signatureRule } from "./record.js";
import { leafHash, Tree } from "./tree.js";

/** @typedef {{index: number, hash: string, rule: string}} Problem index: of the entry, -1 for none in particular */
/** @typedef {{bad: Problem[], open: Problem[], bads: number, opens: number}} Tally the first fifty of each, and how many */
/** @typedef {"holds" | "does not hold" | "cannot be checked here"} State */
/** @typedef {{name: string, state: State, bad: Problem[], open: Problem[], bads: number, opens: number}} Claim */
/** @typedef {import("./card.js").Card} Card */
/** @typedef {import("./record.js").Rec} Rec */
/** @typedef {{index: number, leaf: string, rec: Rec | null, carried: boolean}} Item */

const MOST = 50;
const FIRST = '{"bundle":"corridor-bundle/v1",';
const firstLine = is.object({ bundle: is.string, exercise: is.boolean, level: is.string, origin: is.string, size: is.integer, card: is.maybe(is.string) });
const loose = new TextDecoder("utf-8", { ignoreBOM: true });

/** @param {Tally} t @param {Problem} p @param {"bad" | "open"} [to] */
function add(t, p, to = "bad") {
  t[`${to}s`]++;
  if (t[to].length < MOST || !t[to].some((x) => x.rule === p.rule)) t[to].push(p); // of every rule the first
}

/** @param {Uint8Array} b */
function isText(b) {
  try {
    return textOf(b) !== null;
  } catch {
    return false;
  }
}

/** The lines of a file. @param {AsyncIterable<Uint8Array>} chunks */
async function* linesOf(chunks) {
  /** @type {Uint8Array[]} */
  let kept = [];
  let n = 0;
  const take = (/** @type {boolean} */ ended) => {
    const b = new Uint8Array(n);
    let at = 0;
    for (const k of kept) b.set(k, at), (at += k.length);
    kept = [];
    n = 0;
    return { bytes: b, ended };
  };
  for await (let chunk of chunks) {
    for (let i; (i = chunk.indexOf(10)) >= 0; chunk = chunk.subarray(i + 1)) {
      kept.push(chunk.subarray(0, i));
      n += i;
      yield take(true);
    }
    kept.push(chunk);
    if ((n += chunk.length) > MAX_LINE + 2048) refuse("bundle.line");
  }
  if (n) yield take(false);
}

/**
 * Checks a bundle. Throws if it is none.
 * @param {AsyncIterable<Uint8Array>} chunks @param {Card | null} card @param {(done: number, of: number) => void} [progress]
 */
export async function checkBundle(chunks, card, progress = () => {}) {
  let c, at = performance.now();
  for await (const l of linesOf(chunks)) {
    const text = loose.decode(l.bytes), odd = text.includes("\ufffd") && !isText(l.bytes);
    if (!c) c = new Check(card, text, l.ended && !odd);
    else if (/^\{"(checkpoint|cosigned)":/.test(text)) c.tail(text, l.ended && !odd);
    else if (c.tails) c.spoilt = true;
    else await c.entry(text, l.ended, odd);
    if (performance.now() - at > 30) {
      progress(c.next, c.head.size);
      await new Promise((done) => setTimeout(done)); // whoever looks at the page is not kept waiting
      at = performance.now();
    }
  }
  return c ? c.end() : refuse("bundle.form");
}

class Check {
  /** @type {Record<string, Tally>} */
  claims = {};
  tree = new Tree();
  next = 0;
  hole = -1;
  signatures = 0;
  incidents = 0;
  reports = 0;
  sealed = 0;
  hidden = false;
  tails = 0;
  spoilt = false;
  doubt = false;
  blind = false; // no Ed25519 here
  amended = false;
  /** Logs that ended, whose entries this one goes on from. @type {{card: Card, to: number, partly: boolean}[]} */
  ended = [];
  mission = "";
  /** What the mandate says; null until it is in use. @type {Card | null} */
  own = null;
  /** @type {string[]} */
  cosigned = [];
  checkpoint = "";
  /** @type {string[]} */
  by = [];
  covered = 0;
  /** Index by record hash. @type {Map<string, number>} */
  index = new Map();
  /** @type {string[]} */
  hashes = [];
  /** @type {string[]} */
  classes = [];
  /** Public keys by fingerprint, and to whom some record gave them. @type {Map<string, {key: Uint8Array, of: Set<string>}>} */
  keys = new Map();
  /** @type {{index: number, hash: string, part: string}[]} */
  lacks = [];
  erased = new Set();
  /** @type {Map<string, Promise<import("./note.js").Checkpoint | null>>} */
  seens = new Map();
  /** @type {{it: Item, rec: Rec, placed: boolean, rule: string | Promise<string>}[]} */
  waiting = [];

  /** @param {Card | null} card @param {string} text @param {boolean} ended */
  constructor(card, text, ended) {
    for (const name of ["log", "authority", "reports", "figures"]) this.claims[name] = { bad: [], open: [], bads: 0, opens: 0 };
    if (!text.startsWith(FIRST) || !ended) refuse("bundle.form");
    const h = is.read(text, firstLine, "bundle.form");
    if (h.size < 0 || !h.origin || !["whole", ...LEVELS].includes(h.level)) refuse("bundle.form");
    this.head = h;
    this.whole = h.level === "whole";
    this.card = card;
  }

  /** @param {string} claim @param {number} index @param {string} rule @param {string} [hash] */
  bad(claim, index, rule, hash = "") {
    add(this.claims[claim], { index, hash, rule });
  }

  /** @param {string[]} claims @param {number} index @param {string} rule @param {string} [hash] */
  open(claims, index, rule, hash = "") {
    for (const c of claims) add(this.claims[c], { index, hash, rule }, "open");
  }

  /** @param {number} index */
  gap(index) {
    this.bad("log", index, "entry.missing");
    if (this.hole < 0) this.hole = index;
  }

  /** @param {string} text @param {boolean} ended @param {boolean} odd it is not UTF-8 */
  async entry(text, ended, odd) {
    const i = this.next++;
    const [leaf, rest] = cut(text.slice(9), '","record":');
    const fits = ended && text.startsWith('{"leaf":"') && rest?.endsWith("}") && !/["\\]/.test(leaf.replaceAll("\\n", ""));
    if (i >= this.head.size) return this.bad("log", i, "entry.beyond");
    if (!fits) return this.gap(i);
    /** @type {Item} */
    const it = { index: i, leaf: leaf.replaceAll("\\n", "\n"), rec: null, carried: rest !== "null}" };
    if (it.carried) {
      try {
        if (odd && rest?.includes("\ufffd")) refuse("record.envelope");
        it.rec = parseLine(utf8(/** @type {string} */ (rest).slice(0, -1)));
      } catch (e) {
        this.bad("log", i, ruleOf(e));
      }
    }
    if (this.hole < 0) await this.enter(it);
    else if (it.rec && this.matches(it, it.rec) && this.own) this.sign(it, it.rec, false);
    if (this.waiting.length >= 64) await this.flush();
  }

  /** Gives an entry its place in the tree. @param {Item} it */
  async enter(it) {
    const { rec, index: i } = it;
    this.tree.add(leafHash(utf8(it.leaf)));
    let leaf = null;
    try {
      leaf = parseLeaf(it.leaf);
    } catch {}
    const right = rec && this.matches(it, rec);
    this.hashes.push(leaf?.hash ?? "");
    this.classes.push(leaf?.class ?? "");
    if (!rec) {
      if (!it.carried && this.whole) this.lacks.push({ index: i, hash: leaf?.hash ?? "", part: "" });
      if (!it.carried && !this.whole) this.sealed++;
      if (leaf?.class === "report") this.open(["reports", "figures"], i, "part.sealed", leaf.hash);
    } else {
      rec.header.parts.forEach((p, k) => right && !rec.parts[k] && this.lacks.push({ index: i, hash: rec.hash, part: p.name }));
    }
    if (i === 0) {
      this.named(rec?.hash ?? leaf?.hash ?? "");
      if (!right || !(await this.found(it, rec))) this.unfounded(!it.carried && !this.whole);
      if (leaf) this.index.set(leaf.hash, 0);
      return;
    }
    if (!this.own) return;
    const twice = leaf && this.index.has(leaf.hash);
    if (leaf && !twice) this.index.set(leaf.hash, i);
    if (right && !classOf(rec.header.kind)) {
      this.open(["log", "authority", "reports", "figures"], i, "kind.unknown", rec.hash);
      this.hidden = true;
      this.sign(it, rec, true);
    } else if (right && twice) {
      this.bad("log", i, "entry.twice", rec.hash);
      this.hidden ||= leaf?.class === "authority";
    } else if (right) {
      this.sign(it, rec, true);
      if (rec.header.kind === "succession") await this.goesOn(i, rec);
      this.learn(rec);
    }
    if (!right || !classOf(rec.header.kind)) {
      this.hidden ||= !leaf || leaf.class === "authority";
      if (rec || !it.carried) {
        if (!leaf) this.bad("log", i, "leaf.form");
        else if (leaf.exercise !== this.own.exercise) this.bad("log", i, "leaf.mission", leaf.hash);
      }
    }
  }

  /** Whether a record is the one its leaf names. @param {Item} it @param {Rec} rec @returns {boolean} */
  matches(it, rec) {
    let same = leafOf(rec) === it.leaf;
    if (!classOf(rec.header.kind)) {
      try {
        const l = parseLeaf(it.leaf); // the class is the word of whoever knew the kind
        same = l.hash === rec.hash && l.exercise === rec.exercise && l.re === rec.header.re;
      } catch {}
    }
    if (!same) this.bad("log", it.index, "entry.leaf", rec.hash);
    return same;
  }

  /** @param {string} hash */
  named(hash) {
    this.mission = hash;
    if (this.card && this.card.mission !== hash) for (const c of ["log", "authority"]) this.bad(c, 0, "card.mission", hash);
  }

  /** Begins with the mandate, if it can be used. @param {Item} it @param {Rec} rec */
  async found(it, rec) {
    try {
      this.own = await founding(rec);
    } catch (e) {
      this.own = null;
      const rule = ruleOf(e, "mandate.missing");
      if (rule === "browser.ed25519") this.blind = true;
      else this.bad("authority", 0, rule, rec.hash);
      return false;
    }
    this.signatures++;
    this.learn(rec);
    await this.seen(it, rec);
    return true;
  }

  /** Goes on from a log that ended, if it signed what is here. @param {number} i @param {Rec} rec */
  async goesOn(i, rec) {
    try {
      const own = /** @type {Card} */ (this.own), f = facts(rec), s = await checkSigned(parsePolicy(`log ${own.log}\nquorum none\n`), f.checkpoint);
      const next = makeCard(own.mission, own.exercise, f.log_key, own.policy);
      if (s.size !== BigInt(i) || !equal(s.root, this.tree.root(i)) || next.key.name === own.key.name) refuse("checkpoint.signature");
      this.ended.push({ card: own, to: i, partly: f.level !== null });
      this.own = next;
    } catch (e) {
      this.bad("log", i, ruleOf(e, "checkpoint.signature"), rec.hash);
    }
  }

  /** That of the log, of the one that goes on. */
  get key() {
    return (this.card ?? this.own)?.key;
  }

  /** The log of an origin that has ended. @param {string} origin */
  old(origin) {
    return this.ended.find((l) => l.card.key.name === origin);
  }

  /** @param {boolean} withheld */
  unfounded(withheld) {
    if (withheld || this.blind) this.open(["authority"], 0, "mandate.missing");
    else if (!this.claims.authority.bads) this.bad("authority", 0, "mandate.missing");
  }

  /** Keeps what a record says that later ones are checked with: keys, erasures, terms. @param {Rec} rec */
  learn(rec) {
    const { kind, re } = rec.header;
    if (classOf(kind) !== "authority") return;
    const f = facts(rec);
    if (!f) {
      this.hidden = true;
      return;
    }
    for (const { key, name, of } of enrols(rec, f)) {
      const x = this.keys.get(name) ?? { key, of: new Set() };
      x.of.add(of);
      this.keys.set(name, x);
    }
    if (kind === "amendment" && f.terms?.witnesses !== this.own?.policy) this.amended = true;
    if (kind === "erasure" && Array.isArray(f.parts)) for (const p of f.parts) if (/^(narrative|identity|media)$/.test(p)) this.erased.add(re + " " + p);
  }

  /** Has a signature checked, in its turn. @param {Item} it @param {Rec} rec @param {boolean} placed */
  sign(it, rec, placed) {
    const h = rec.header, k = this.keys.get(h.key);
    if (!k && !placed) return;
    if (k && (h.mission !== this.mission || rec.exercise !== this.own?.exercise)) this.bad("authority", it.index, "record.mission", rec.hash);
    const rule = !k ? (this.hidden ? "key.sealed" : "key.unknown") : !k.of.has(h.by) ? "record.by" : signatureRule(rec, k.key).catch(ruleOf);
    this.waiting.push({ it, rec, placed, rule });
  }

  async flush() {
    for (const { it, rec, placed, rule } of this.waiting.splice(0)) {
      const broken = await rule;
      if (broken === "browser.ed25519") this.blind = true;
      else if (broken === "key.sealed" || (broken === "key.unknown" && this.doubt)) this.open(["authority"], it.index, "key.sealed", rec.hash);
      else if (broken) this.bad("authority", it.index, broken, rec.hash);
      else this.signatures++;
      this.doubt ||= !!broken && classOf(rec.header.kind) === "authority"; // it might have enrolled a key
      if (!placed) continue;
      await this.seen(it, rec);
      if (!broken && rec.header.kind === "report") this.report(it.index, rec);
    }
  }

  /** Holds the checkpoint that an author had seen against the tree. @param {Item} it @param {Rec} rec */
  async seen(it, rec) {
    const { key } = this, text = rec.header.seen;
    if (text === null || !key) return;
    if (!this.seens.has(text)) {
      const read = async () => {
        const c = parseCheckpoint(text);
        return (await signedBy(c, this.old(c.origin)?.card.key ?? key)) ? c : null;
      };
      this.seens.set(text, read().catch((e) => (ruleOf(e) === "browser.ed25519" ? ((this.blind = true), parseCheckpoint(text)) : null)));
    }
    const c = await this.seens.get(text);
    if (!c) this.bad("log", it.index, "seen.signature", rec.hash);
    else if (c.size > /** @type {any} */ (this.old(c.origin)?.to)) return;
    else if (c.size > it.index) this.bad("log", it.index, "seen.size", rec.hash);
    else if (!equal(this.tree.root(Number(c.size)), c.root)) this.bad("log", it.index, "seen.root", rec.hash);
  }

  /** Compares the incidents that a report lists with the leaves of its range. @param {number} i @param {Rec} rec */
  report(i, rec) {
    const f = facts(rec);
    this.reports++;
    if (!f) return this.open(["reports", "figures"], i, "part.sealed", rec.hash);
    const listed = f.sections?.[0]?.name === "incidents" && f.sections[0].records;
    if (!Array.isArray(listed) || !(f.from >= 0 && f.from <= f.to && f.to <= i) || !Number.isInteger(f.from) || !Number.isInteger(f.to)) return this.bad("reports", i, "report.range", rec.hash);
    if (hex(this.tree.root(f.to)) !== f.root) return this.bad("reports", i, "report.root", rec.hash);
    const want = this.hashes.slice(f.from, f.to).filter((_, k) => this.classes[f.from + k] === "incident");
    this.incidents += want.length;
    if (want.some((h) => !listed.includes(h))) this.bad("reports", i, "report.omits", rec.hash);
    else if (listed.some((h) => !want.includes(h))) this.bad("reports", i, "report.adds", rec.hash);
    else if (want.join() !== listed.join()) this.bad("reports", i, "report.order", rec.hash);
  }

  /** A line after the entries: the log's checkpoint, then cosigned ones. @param {string} text @param {boolean} ended */
  tail(text, ended) {
    const name = this.tails++ ? "cosigned" : "checkpoint";
    try {
      if (!ended) refuse("head.damaged");
      const x = is.read(text, is.object({ [name]: is.string }), "head.damaged")[name];
      if (name === "checkpoint") this.checkpoint = x;
      else {
        this.cosigned.push(x);
        parseCheckpoint(x);
      }
    } catch {
      this.spoilt = true;
    }
  }

  /** Holds what the log and its cosigners signed against the tree. */
  async weigh() {
    const { tree } = this, n = Math.min(this.next, this.head.size);
    const unsure = !this.card && (this.amended || this.hidden);
    const policy = this.card?.under ?? (unsure && this.own ? parsePolicy(`log ${this.own.log}\nquorum none\n`) : this.own?.under);
    if (!policy) return this.open(["log"], -1, "checkpoint.signature");
    if (unsure) this.open(["log"], -1, "policy.unknown"); // an amendment may have named other witnesses
    let best = { size: 0n, by: /** @type {string[]} */ ([]) };
    let kept = { size: -1n, met: true };
    for (const [k, text] of [...new Set([this.checkpoint, ...this.cosigned])].entries()) {
      const head = k === 0, what = head ? "checkpoint" : "cosigned";
      if (head && !text) {
        this.bad("log", -1, "checkpoint.signature");
        continue;
      }
      let s, old;
      try {
        old = head ? undefined : this.old(parseCheckpoint(text).origin);
        s = await checkSigned(old?.card.under ?? policy, text);
        if (old && s.size > old.to) continue;
      } catch (e) {
        if (ruleOf(e) === "browser.ed25519") {
          this.blind = true;
          s = { ...parseCheckpoint(text), cosigned: [], met: false };
        } else {
          this.bad("log", -1, what + ".signature");
          continue;
        }
      }
      if (!head && !old && s.size > kept.size) kept = s;
      if (head && s.size !== BigInt(n)) this.bad("log", -1, "checkpoint.size");
      if (s.size > tree.size) {
        if (!head && (this.hole < 0 || s.size > n)) this.bad("log", n, "cosigned.size");
      } else if (!equal(tree.root(Number(s.size)), s.root)) this.bad("log", Number(best.size), what + ".root");
      else if (s.met && s.size >= best.size) best = { size: s.size, by: s.cosigned.map((c) => c.name) };
    }
    this.by = best.by;
    this.covered = Number(best.size);
    if (this.blind || !policy.quorum) return;
    if (this.whole && !kept.met) this.bad("log", -1, "cosigned.quorum");
    const from = this.ended.at(-1)?.to ?? 0;
    if (best.size <= from && tree.size) this.bad("log", from, "cosigned.quorum", this.hashes[from]);
    else if (best.size < n) this.open(["log"], Number(best.size), "cosigned.quorum"); // one side alone may have been shown it
  }

  async end() {
    const { head } = this, all = ["authority", "reports", "figures"];
    if (this.next < head.size) this.gap(this.next);
    await this.flush();
    const own = this.own;
    if (this.spoilt) this.bad("log", -1, "head.damaged");
    if (!this.next) this.open(["authority"], -1, "mandate.missing");
    if (this.hole >= 0) this.open(all, this.hole, "entry.missing");
    if (!own) this.open(["reports", "figures"], -1, "mandate.missing");
    if (own && this.card && this.card.log !== own.log) this.bad("log", 0, "card.log", this.mission);
    await this.weigh();
    if (own) {
      let fits = head.origin === own.key.name && head.exercise === own.exercise;
      try {
        const c = head.card === null ? own : parseCard(head.card);
        fits &&= c.mission === own.mission && c.exercise === own.exercise && c.log === own.log;
      } catch {
        fits = false;
      }
      if (!fits) this.bad("log", -1, "head.claim");
    }
    for (const l of this.lacks) {
      if (own && this.erased.has(l.hash + " " + l.part)) this.open(["log"], l.index, "part.erased", l.hash);
      else if (this.whole && !this.ended.some((x) => x.partly && l.index < x.to)) this.bad("log", l.index, l.part ? "part.missing" : "envelope.missing", l.hash);
      else this.sealed++;
    }
    if (this.blind) this.open(["log", "authority"], -1, "browser.ed25519");
    // What this program does not do. Where the log has no report there is nothing to leave out.
    this.open(["authority"], -1, "rules.replay");
    if (this.classes.includes("report")) this.open(["reports", "figures"], -1, "rules.replay");
    const size = Math.min(this.next, head.size);
    return {
      mission: this.mission, origin: this.key?.name ?? head.origin, exercise: head.exercise, level: this.whole ? "" : head.level,
      size, root: this.tree.root(this.tree.size), sealed: this.sealed, signatures: this.signatures,
      incidents: this.incidents, reports: this.reports, by: this.by, covered: this.covered,
      card: this.card ?? own, given: !!this.card, keys: this.keys,
      claims: Object.entries(this.claims).map(([name, t]) => /** @type {Claim} */ ({ name, state: t.bads ? "does not hold" : t.opens || this.sealed ? "cannot be checked here" : "holds", ...t })),
    };
  }
}

/** @param {unknown} e @param {string} [otherwise] @returns {string} */
export function ruleOf(e, otherwise) {
  if (e instanceof Refused) return e.rule;
  if (otherwise) return otherwise;
  throw e;
}
