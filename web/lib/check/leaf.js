// The leaf: what the tree hashes of a record, a pure function of its header.

import { isHex, refuse, utf8 } from "./bytes.js";
import { CLASSES } from "./kinds.js";

/** @typedef {{hash: string, class: string, re: string | null, exercise: boolean}} Leaf */

/** The class of every kind. @type {Map<string, string>} */
const classes = new Map();
for (const [name, kinds] of Object.entries(CLASSES)) for (const kind of kinds.split(" ")) classes.set(kind, name);

/** The class of a kind, "" if it is not known here. @param {string} kind */
export const classOf = (kind) => classes.get(kind) ?? "";

/** @param {Leaf} l */
export const leafText = (l) => `corridor-${l.exercise ? "exercise-" : ""}leaf/v1\n${l.class}\n${l.re ?? "-"}\nsha256 ${l.hash}\n`;

/** The leaf of a record. @param {import("./record.js").Rec} r */
export const leafOf = (r) => leafText({ hash: r.hash, class: classOf(r.header.kind) || "unknown", re: r.header.re, exercise: r.exercise });

/** Reads a leaf. @param {string} text @returns {Leaf} */
export function parseLeaf(text) {
  const m = /^corridor-(exercise-)?leaf\/v1\n([a-z]+)\n(-|[0-9a-f]{64})\nsha256 ([0-9a-f]{64})\n$/.exec(text);
  if (!m || !Object.hasOwn(CLASSES, m[2])) return refuse("leaf.form");
  return { hash: m[4], class: m[2], re: m[3] === "-" ? null : m[3], exercise: !!m[1] };
}
