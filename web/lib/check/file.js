// What somebody drops on the page: what it is, and what holds of it.

import { cut, Refused, refuse, textOf, utf8 } from "./bytes.js";
import { checkBundle, ruleOf } from "./bundle.js";
import { parseCard } from "./card.js";
import { leafOf, parseLeaf } from "./leaf.js";
import { judge } from "./proof.js";
import { checkSigned } from "./policy.js";
import { parseEnvelope, parseLine, signatureRule } from "./record.js";
import { checkReceipt, parseReceipt } from "./receipt.js";
import { included, leafHash } from "./tree.js";
import { parseCheckpoint } from "./note.js";

/** @typedef {"card" | "bundle" | "receipt" | "checkpoint" | "record" | "leaf" | "proof" | "none"} Kind */
/** @typedef {import("./bundle.js").State} State */
/** @typedef {Awaited<ReturnType<typeof checkBundle>>} BundleResult */
/**
 * @typedef {{kind: Kind, state: State, rule: string, says: Record<string, string | number>, card?: import("./card.js").Card,
 *   bundle?: BundleResult}} Found rule: why it does not hold or cannot be checked; says: what can be said of it, by name
 */
/** @typedef {{card: import("./card.js").Card | null, keys: BundleResult["keys"], mission: string, leaves: string[]}} Known what was dropped beside it */

/** What a file is, by how it begins. @param {string} start @returns {Kind} */
export const kindOf = (start) =>
  start.startsWith("corridor-card/") ? "card"
  : start.startsWith('{"bundle":') ? "bundle"
  : start.startsWith('{"proof":') ? "proof"
  : start.startsWith("c2sp.org/tlog-proof@") ? "receipt"
  : /^\{"(envelope|payload|index)":/.test(start) ? "record"
  : /^corridor-(exercise-)?leaf\//.test(start) ? "leaf"
  : /^[^\n{]+\n[0-9]+\n/.test(start) ? "checkpoint"
  : "none";

/** Reads a record, also from an answer of a server, {"index":…,"leaf":…,"record":…}. @param {Uint8Array} b */
export function readRecord(b) {
  const line = b[b.length - 1] === 10 ? b.subarray(0, -1) : b;
  const start = String.fromCharCode(...line.subarray(0, 12));
  if (start.startsWith('{"payload"')) return parseEnvelope(line);
  if (!start.startsWith('{"index"')) return parseLine(line);
  const [, rest] = cut(textOf(line), ',"record":');
  return parseLine(utf8((rest ?? refuse("record.envelope")).slice(0, -1)));
}

/** The leaf of a record or of a leaf that stands alone. @param {Kind} kind @param {Uint8Array} b */
export function readLeaf(kind, b) {
  if (kind === "record") return leafOf(readRecord(b));
  parseLeaf(textOf(b));
  return textOf(b);
}

/**
 * Checks a file that is no bundle.
 * @param {Kind} kind @param {Uint8Array} b @param {Known} known @returns {Promise<Found>}
 */
export async function checkFile(kind, b, known) {
  /** @type {Found} */
  const f = { kind, state: "holds", rule: "", says: {} };
  const open = (/** @type {string} */ rule) => {
    if (f.state === "holds") [f.state, f.rule] = ["cannot be checked here", rule];
  };
  const signed = (/** @type {import("./policy.js").Signed} */ s) => {
    f.says = { ...f.says, size: String(s.size), origin: s.origin, by: s.cosigned.map((c) => c.name).join(", ") };
    if (!s.met) open("cosigned.quorum");
  };
  try {
    if (kind === "card") {
      f.card = parseCard(textOf(b));
    } else if (kind === "checkpoint") {
      const c = parseCheckpoint(textOf(b));
      f.says = { size: String(c.size), origin: c.origin };
      if (known.card) signed(await checkSigned(known.card.under, textOf(b)));
      else open("card.none");
    } else if (kind === "receipt") {
      const r = parseReceipt(textOf(b)), c = parseCheckpoint(r.checkpoint);
      f.says = { index: String(r.index), size: String(c.size), origin: c.origin };
      const leaf = known.leaves.find((l) => included(r.hashes, c.size, c.root, r.index, leafHash(utf8(l))));
      if (leaf) f.says.hash = parseLeaf(leaf).hash;
      else if (known.leaves.length) refuse("receipt.inclusion");
      if (!known.card) open("card.none");
      else signed(await (leaf ? checkReceipt(r, utf8(leaf), known.card.under) : checkSigned(known.card.under, r.checkpoint)));
      if (!leaf) [f.state, f.rule] = ["cannot be checked here", "receipt.leaf"];
    } else if (kind === "proof") {
      const v = await judge(textOf(b), known.card);
      f.says = { what: v.what, size: String(v.size), origin: v.card.key.name };
      [f.state, f.rule] = [v.state, v.rule];
      if (!known.card) f.card = v.card;
    } else if (kind === "leaf") {
      f.says = { hash: parseLeaf(textOf(b)).hash };
      open("leaf.alone");
    } else if (kind === "record") {
      const r = readRecord(b), k = known.keys.get(r.header.key), mission = known.card?.mission ?? known.mission;
      f.says = { hash: r.hash, kind: r.header.kind, by: r.header.by, at: r.header.at };
      if (mission && (r.header.mission ?? r.hash) !== mission) refuse("record.mission");
      const rule = k ? await signatureRule(r, k.key) : "";
      if (rule || (k && !k.of.has(r.header.by))) refuse(rule || "record.by");
      if (!k) open("key.none");
    } else refuse("file.none");
  } catch (e) {
    const rule = e instanceof Refused ? e.rule : e instanceof TypeError ? "file.text" : ruleOf(e);
    f.rule = rule;
    f.state = rule === "browser.ed25519" || rule === "file.none" ? "cannot be checked here" : "does not hold";
  }
  return f;
}
