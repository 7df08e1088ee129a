// The mission as this phone knows it: the card it was told out of band, the terms, and how its
// observer's admission stands.

import { cut, hex, Refused, utf8 } from "../lib/check/bytes.js";
import { parseCard } from "../lib/check/card.js";
import { facts, parseLine } from "../lib/check/record.js";
import { sha256 } from "../lib/check/sha256.js";
import { Said } from "./dom.js";
import * as vault from "./vault.js";

/** @typedef {{lang: string, text: string}[]} Label */
/** @typedef {{id: string, label: Label, aliases: string[], role: string}} Place */
/**
 * @typedef {{card: string, origin: string, code: string, key: string, proof: string, sealing: string,
 *   terms: {places: Place[], legs: {letter: string, label: Label, from: string, to: string, by: string[]}[], actors: {id: string, label: Label, roles: string[]}[],
 *     incidents: string[], may: {role: string, kinds: string[]}[], zone: {name: string}},
 *   standing: Standing, place: string | null, since: string | null, calm?: boolean, flag?: string}} Mission
 *   origin: of the log; place: the post; since: when the post was last heard from here; calm: behind the second door; flag: what the office recognises its records by
 */
/** @typedef {{state: string, observer: string, label: Label, asked: string[], needed: number, votes: {of: string, yes: boolean}[], until: string | null}} Standing */

/** What an invitation's link says. @param {string} text @returns {{code: string, print: string} | null} */
export function invitation(text) {
  const m = /(?:^|#)([A-Za-z0-9_-]{43})\.([0-9a-f]{20})$/.exec(text.trim());
  return m && { code: m[1], print: m[2] };
}

/** The first 80 bits of a card, which its ten words say too. @param {string} card */
export function printOf(card) {
  const [head, policy] = cut(card, "\n\n");
  return hex(sha256(utf8(head.split("\n").filter((l) => !l.startsWith("words ") && !l.startsWith("level ")).join("\n") + "\n\n" + policy))).slice(0, 20);
}

/**
 * Asks the mission's server something, as JSON. A server's refusal is said in the words of the
 * app where there are any.
 * @param {string} what @param {object} body @returns {Promise<any>}
 */
export async function askServer(what, body) {
  let answer, said;
  try {
    answer = await fetch("/api/v1/phone/" + what, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(20000), cache: "no-store" });
    said = await answer.json();
  } catch {
    throw new Said("phone.trouble.network");
  }
  if (!answer.ok) throw said.rule === "phone.invitation" ? new Said("phone.trouble.invitation") : said.rule === "session.wait" ? new Said("phone.trouble.wait") : new Refused(said.rule ?? "", said.detail);
  return said;
}

/**
 * Fetches the mission of an invitation and holds it against the link: the card is the one whose
 * words were handed over, and the mandate is the record that the card names.
 * @param {{code: string, print: string}} link
 */
export async function fetchMission(link) {
  const said = await askServer("mission", { code: link.code });
  const card = parseCard(said.card);
  if (printOf(said.card) !== link.print) throw new Said("phone.trouble.card");
  const mandate = parseLine(utf8(JSON.stringify(said.mandate)));
  const terms = facts(mandate);
  if (mandate.hash !== card.mission || mandate.exercise !== card.exercise || !terms || terms.log_key !== card.log) throw new Said("phone.trouble.card");
  return { card, text: said.card, terms: said.terms ?? terms, origin: terms.origin, sealing: said.sealing };
}

/** The mission behind the open door. @returns {Promise<Mission>} */
export const mission = () => vault.get("mission");

/** @param {(m: Mission) => void} edit @returns {Promise<Mission>} */
export const edit = async (edit) => navigator.locks.request("phone-mission", async () => {
  const m = await mission();
  edit(m);
  await vault.put("mission", m);
  return m;
});

/** Asks how the admission stands and keeps the answer. @returns {Promise<Mission>} */
export async function refreshStanding() {
  const m = await mission();
  if (m.calm) return m;
  const s = await askServer("standing", { code: m.code });
  return edit((x) => { x.standing = s; });
}

/** Whether this phone has a name to sign under. @param {Mission} m */
export const mayWrite = (m) => m.standing.observer !== "";

/** @param {Mission} m @param {string} id */
export const placeOf = (m, id) => m.terms.places.find((p) => p.id === id);
