// Proofs of misconduct, corridor-proof/v1: what convicts the log, on nobody's word but its own.

import { equal, hex, Refused, refuse, utf8 } from "./bytes.js";
import { checkBundle } from "./bundle.js";
import { parseCard } from "./card.js";
import * as is from "./json.js";
import { classOf, leafOf, parseLeaf } from "./leaf.js";
import { enrols, founding } from "./mandate.js";
import { hash64 } from "./note.js";
import { checkSigned } from "./policy.js";
import { checkReceipt, parseReceipt } from "./receipt.js";
import { facts, openEnvelope, pae, parseLine, signatureRule, typeOf } from "./record.js";
import { verify } from "./ed25519.js";
import { sha256 } from "./sha256.js";
import { leafHash, nodeHash, Tree } from "./tree.js";

/** @typedef {import("./bundle.js").State} State */
/** @typedef {import("./card.js").Card} Card */
/** @typedef {{state: State, rule: string, what: string, size: bigint, card: Card}} Verdict rule: why it convicts nobody */

const texts = is.list(is.string);
const shape = is.object({
  proof: is.string, what: is.string, card: is.string, by: is.string, at: is.time, say: is.string,
  entry: is.maybe(is.integer), rule: is.maybe(is.string), checkpoints: texts, hashes: texts, receipts: texts,
  leaves: texts, records: texts, notes: texts, bundle: texts,
});
const lodging = is.object({ v: is.integer, mission: is.hash, key: is.hash, record: is.hash, at: is.time });
const SORTS = ["fork", "entry", "leaf", "suppressed", "rule", "claim"];

/** Cannot be said here: the rule is why. */
class Open extends Error {}

/**
 * Judges a proof under a card, or its own. Throws what is none.
 * @param {string} text @param {Card | null} card @returns {Promise<Verdict>}
 */
export async function judge(text, card) {
  if (!text.endsWith("\n")) refuse("proof.form");
  const e = is.read(text.slice(0, -1), shape, "proof.form");
  if (e.proof !== "corridor-proof/v1" || !SORTS.includes(e.what)) refuse("proof.form");
  const own = parseCard(e.card), v = { what: e.what, size: 0n, card: card ?? own };
  try {
    if (card && (card.mission !== own.mission || card.log !== own.log || card.exercise !== own.exercise)) throw new Open("card.mission");
    if (e.what === "claim") throw new Open("proof.claim");
    v.size = await judges[/** @type {"fork"} */ (e.what)](e, v.card);
    return { ...v, state: "holds", rule: "" };
  } catch (x) {
    if (x instanceof Open) return { ...v, state: "cannot be checked here", rule: x.message };
    const rule = /** @type {any} */ (x).rule;
    if (!rule) throw x;
    return { ...v, state: rule === "browser.ed25519" ? "cannot be checked here" : "does not hold", rule };
  }
}

const nothing = () => refuse("proof.nothing");

/** @param {string} receipt @param {string} leaf @param {Card} card */
async function place(receipt, leaf, card) {
  const r = parseReceipt(receipt);
  await checkReceipt(r, utf8(leaf), card.under);
  return r.index;
}

/** The roots of the first m and of all n leaves, out of the hashes of SUBPROOF(m, D[n], false). @param {bigint} m @param {bigint} n @param {Uint8Array[]} list @returns {[Uint8Array, Uint8Array]} */
function roots(m, n, list) {
  const next = () => list.shift() ?? refuse("proof.hashes");
  if (m === n) {
    const h = next();
    return [h, h];
  }
  let k = 1n;
  while (2n * k < n) k *= 2n;
  const [a, b] = m <= k ? roots(m, k, list) : roots(m - k, n - k, list), h = next();
  return m <= k ? [a, nodeHash(b, h)] : [nodeHash(h, a), nodeHash(h, b)];
}

/** What each sort asks; it returns how far the log goes that it convicts. @type {Record<"fork" | "entry" | "leaf" | "rule" | "suppressed", (e: any, card: Card) => Promise<bigint>>} */
const judges = {
  async fork(e, card) {
    if (e.checkpoints.length !== 2) nothing();
    const a = await checkSigned(card.under, e.checkpoints[0]), b = await checkSigned(card.under, e.checkpoints[1]);
    if (!a.size || a.size > b.size) nothing();
    if (a.size === b.size) return equal(a.root, b.root) ? nothing() : b.size;
    const list = e.hashes.map(hash64), [first, all] = roots(a.size, b.size, list);
    return list.length || !equal(all, b.root) || equal(first, a.root) ? nothing() : b.size;
  },
  async entry(e, card) {
    if (e.receipts.length !== 2 || e.leaves.length !== 2) nothing();
    const at = [await place(e.receipts[0], e.leaves[0], card), await place(e.receipts[1], e.leaves[1], card)];
    return at[0] !== at[1] || e.leaves[0] === e.leaves[1] ? nothing() : at[0];
  },
  async leaf(e, card) {
    if (e.receipts.length !== 1 || e.leaves.length !== 1 || e.records.length !== 1) nothing();
    const at = await place(e.receipts[0], e.leaves[0], card), r = parseLine(utf8(e.records[0]));
    if (!e.leaves[0].endsWith(`\nsha256 ${r.hash}\n`)) nothing();
    if (!classOf(r.header.kind)) throw new Open("kind.unknown");
    return leafOf(r) === e.leaves[0] ? nothing() : at;
  },
  /** Of the rules, those that need no replay, in a copy that is in order up to the entry. */
  async rule(e, card) {
    if (e.entry === null || e.rule === null || !e.bundle.length) nothing();
    const lines = async function* () {
      yield utf8(e.bundle.join("\n") + "\n");
    };
    const b = ["report.omits", "seen.root"].includes(e.rule) ? await checkBundle(lines(), card) : null;
    const bad = b?.claims.flatMap((c) => c.bad).filter(({ index }) => index <= e.entry);
    if (bad?.length !== 1 || bad[0].index !== e.entry || bad[0].rule !== e.rule) throw new Open("rules.replay");
    return BigInt(/** @type {any} */ (b).size);
  },
  async suppressed(e, card) {
    if (e.checkpoints.length !== 1 || e.records.length < 2 || !e.notes.length) nothing();
    const s = await checkSigned(card.under, e.checkpoints[0]);
    const [lodged, mandate, ...others] = e.records.map((/** @type {string} */ l) => parseLine(utf8(l)));
    if (mandate.hash !== card.mission) refuse("card.mission");
    await founding(mandate);
    const h = lodged.header, t = facts(mandate), tree = new Tree();
    const given = new Map([mandate, ...others].map((r) => [r.hash, r]));
    let unknown = false, key = null;
    for (const text of e.leaves) {
      const leaf = parseLeaf(text), r = given.get(leaf.hash), f = r && facts(r);
      tree.add(leafHash(utf8(text)));
      if (leaf.hash === lodged.hash) refuse("proof.logged");
      if (leaf.class === "office") {
        unknown ||= !r || (r.header.kind === "refusal" && !f);
        if (r?.header.kind === "refusal" && f?.record === lodged.hash) refuse("proof.refused");
      }
      if (r && f) key ??= enrols(r, f).find((k) => k.name === h.key && k.of === h.by && k.of !== "node") ?? null;
    }
    if (BigInt(tree.size) !== s.size || !equal(tree.root(tree.size), s.root)) refuse("checkpoint.root");
    if (unknown) throw new Open("part.sealed");
    if (h.mission !== card.mission || lodged.exercise !== card.exercise) refuse("record.mission");
    const broken = key ? await signatureRule(lodged, key.key) : "key.unknown";
    if (broken) refuse(broken);
    const side = (/** @type {string} */ id) => t.actors.find((/** @type {any} */ a) => a.id === id)?.side ?? "";
    let proof = false, claim = false;
    for (const text of e.notes) {
      const n = openEnvelope(text, "lodging.note"), note = is.read(n.text, lodging, "lodging.note");
      const w = card.under.witnesses.find((w) => w.key.type === 4 && hex(sha256(w.key.key)) === note.key);
      const exercise = n.type === typeOf("lodging", true);
      if (!w || note.v !== 1 || (!exercise && n.type !== typeOf("lodging", false)) || !(await verify(w.key.key, pae(n.type, n.raw), n.sig))) return refuse("lodging.signature");
      if (note.record !== lodged.hash || note.mission !== card.mission || exercise !== card.exercise) refuse("lodging.note");
      const due = BigInt(Date.parse(note.at) / 1000 + t.lodged);
      if (!card.under.quorum?.((name) => s.cosigned.some((c) => c.name === name && c.time >= due))) continue;
      const of = t.witness_of.find((/** @type {any} */ x) => x.witness === w.name)?.actor;
      if (of && of !== h.by && (!side(of) || side(of) !== side(h.by))) proof = true;
      else claim = true;
    }
    if (!proof && claim) throw new Open("proof.claim");
    return proof ? s.size : nothing();
  },
};
