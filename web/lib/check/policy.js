// Whose signatures a checkpoint needs (c2sp.org/tlog-policy).

import { lines, refuse, utf8 } from "./bytes.js";
import { cosignedAt, isLog, known, MAX_NOTE, number, parseCheckpoint, parseKey, signedBy } from "./note.js";

/** @typedef {import("./note.js").Key} Key */
/** @typedef {(cosigned: (name: string) => boolean) => boolean} Rule whether enough of them cosigned */
/** @typedef {{logs: Key[], witnesses: {name: string, key: Key}[], quorum: Rule | null, asks: string}} Policy quorum: null for none */
/** @typedef {import("./note.js").Checkpoint & {cosigned: {name: string, time: bigint}[], met: boolean}} Signed met: the quorum, or none is asked for */

/** Reads a policy. @param {string} text @returns {Policy} */
export function parsePolicy(text) {
  /** @type {Policy} */
  const p = { logs: [], witnesses: [], quorum: null, asks: "" };
  /** @type {Map<string, Rule>} */
  const rules = new Map();
  const members = new Set(), keys = new Set();
  const bad = () => refuse("policy.form");
  const key = (/** @type {string} */ vkey) => {
    const k = parseKey(vkey), raw = String(k.key), id = k.name + "+" + k.id;
    if (keys.has(raw) || keys.has(id)) bad();
    keys.add(raw).add(id);
    return k;
  };
  const rule = (/** @type {string} */ name) => rules.get(name) ?? bad();
  const define = (/** @type {string} */ name, /** @type {Rule} */ r) => {
    if (name === "none" || rules.has(name)) bad();
    rules.set(name, r);
  };
  if (utf8(text).length > MAX_NOTE) bad();
  for (const line of lines(text)) {
    if (!line.endsWith("\n")) bad();
    const body = line.slice(0, -1);
    if (/[\0-\x08\x0b-\x1f\x7f]|(?![ \t])\p{White_Space}|\p{Cs}/u.test(body)) bad();
    const [what, ...f] = body.split(/[ \t]+/).filter((x) => x);
    if (what === undefined || what[0] === "#") continue;
    if (body.includes("#")) bad();
    if (what === "log" && (f.length === 1 || f.length === 2)) {
      const k = key(f[0]);
      if (!isLog(k)) bad();
      p.logs.push(k);
    } else if (what === "witness" && (f.length === 2 || f.length === 3)) {
      const k = key(f[1]), name = f[0];
      if (isLog(k)) bad();
      p.witnesses.push({ name, key: k });
      define(name, (cosigned) => cosigned(name));
    } else if (what === "group" && f.length > 2) {
      const of = f.slice(2).map((name) => {
        const r = rule(name);
        if (members.has(name)) bad();
        members.add(name);
        return r;
      });
      const need = f[1] === "any" ? 1n : f[1] === "all" ? BigInt(of.length) : number(f[1]);
      if (need < 1n || need > of.length) bad();
      define(f[0], (cosigned) => BigInt(of.filter((r) => r(cosigned)).length) >= need);
    } else if (what === "quorum" && f.length === 1 && !p.asks) {
      p.asks = f[0];
      if (p.asks !== "none") p.quorum = rule(p.asks);
    } else bad();
  }
  const countable = (/** @type {string} */ name) => p.witnesses.some((w) => w.name === name && known(w.key));
  if (!p.asks || (p.quorum && !p.quorum(countable))) bad();
  return p;
}

/**
 * Opens a signed checkpoint. A log of the policy must have signed it under its own name, and
 * every signature of a log or witness of the policy must hold; others are passed over.
 * @param {Policy} p @param {string} signed @returns {Promise<Signed>}
 */
export async function checkSigned(p, signed) {
  const c = parseCheckpoint(signed);
  let own = false;
  for (const k of p.logs) {
    const named = c.sigs.some((s) => s.name === k.name && s.id === k.id);
    if (named && !(await signedBy({ ...c, origin: k.name }, k))) refuse("checkpoint.signature");
    own ||= named && k.name === c.origin;
  }
  if (!own) refuse("checkpoint.log");
  /** @type {{name: string, time: bigint}[]} */
  const cosigned = [];
  for (const w of p.witnesses) {
    const time = known(w.key) ? await cosignedAt(c, w.key) : null;
    if (time !== null) cosigned.push({ name: w.name, time });
  }
  const met = !p.quorum || p.quorum((name) => cosigned.some((x) => x.name === name));
  return { ...c, cosigned, met };
}
