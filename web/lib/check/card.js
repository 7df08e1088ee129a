// The mission card: what a check starts from, handed over out of band.

import { cut, isHex, refuse, utf8 } from "./bytes.js";
import { isLog, parseKey } from "./note.js";
import { parsePolicy } from "./policy.js";
import { sha256 } from "./sha256.js";
import { WORDS } from "./words.js";

/**
 * @typedef {{mission: string, exercise: boolean, log: string, policy: string, level: string, words: string[],
 *   key: import("./note.js").Key, under: import("./policy.js").Policy}} Card log: the log's verifier key, read in key;
 *   policy: without its log line, read in under; level: whose copy lies beside it, "" if whole
 */

export const LEVELS = ["public", "parties", "mission", "strict"];

/** @param {string} text */
export const words = (text) => Array.from(sha256(utf8(text)).subarray(0, 10), (x) => WORDS[x]);

/** A card from what it says. @param {string} mission @param {boolean} exercise @param {string} log @param {string} policy @param {string} [level] @returns {Card} */
export function makeCard(mission, exercise, log, policy, level = "") {
  const key = parseKey(log);
  if (!isHex(mission, 64) || !isLog(key)) refuse("card.form");
  const body = `corridor-card/v1\n${exercise ? "exercise\n" : ""}mission ${mission}\nlog ${log}\n\n${policy}`;
  return { mission, exercise, log, policy, level, words: words(body), key, under: parsePolicy(`log ${log}\n${policy}`) };
}

/** Reads a card. @param {string} text @returns {Card} */
export function parseCard(text) {
  if (utf8(text).length > 131072) refuse("card.form");
  const [head, policy] = cut(text, "\n\n");
  const m = /^corridor-card\/v1\n(exercise\n)?mission ([0-9a-f]{64})\nlog (.*)\n(?:level (.*)\n)?words (.*)$/.exec(head);
  if (!m || policy === null || (m[4] !== undefined && !LEVELS.includes(m[4]))) return refuse("card.form");
  const card = makeCard(m[2], !!m[1], m[3], policy, m[4]);
  return card.words.join(" ") === m[5] ? card : refuse("card.words");
}
