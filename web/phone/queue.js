// The queue of signed records: sent oldest first, for as long as it takes. A record says that it
// is logged only after its receipt was checked here, and its content is let go of only after a
// receipt that enough others had cosigned.

import { unbase64, utf8 } from "../lib/check/bytes.js";
import { parseCard } from "../lib/check/card.js";
import { checkReceipt, parseReceipt } from "../lib/check/receipt.js";
import * as db from "./db.js";
import { mission } from "./mission.js";
import { remembered } from "./record.js";
import { newest, post, postSealed } from "./send.js";
import * as vault from "./vault.js";

/** @typedef {import("./record.js").Item} Item */

/** The queue behind the open door, oldest first. @returns {Promise<{key: IDBValidKey, item: Item}[]>} */
export async function list() {
  const rows = (await db.all("queue")).filter(([, row]) => row.door === vault.door());
  return Promise.all(rows.map(async ([key, row]) => ({ key, item: remembered(await vault.unseal(row)) })));
}

/** Whether the phone still has what would have to be sent. @param {Item} i */
export const held = (i) => i.sealed !== null || i.line !== null;

/** @param {IDBValidKey} key @param {Item} item */
async function keep(key, item) {
  const sealed = await vault.seal(item.line === null ? { ...item, kind: "", given: null } : item) /* what is remembered stays in memory */, door = vault.door();
  await db.change(["queue"], "readwrite", (at) => { at("queue").put({ door, ...sealed }, key); });
}

/** Who wants to know that the queue has changed. @type {Set<() => void>} */
const watchers = new Set();
/** @param {() => void} f */
export const watch = (f) => { watchers.add(f); return () => { watchers.delete(f); }; };
const channel = new BroadcastChannel("phone-queue");
channel.onmessage = () => watchers.forEach((f) => f());
export const changed = () => { channel.postMessage(0); watchers.forEach((f) => f()); };

/** How many records stand how. */
export async function counts() {
  const n = { here: 0, refused: 0, logged: 0, oldest: "" };
  for (const { item } of await list()) {
    if (item.own) continue;
    if (item.state === "logged" || item.state === "cosigned") n.logged++;
    else if (item.state === "refused") n.refused++;
    else {
      n.here++;
      n.oldest ||= item.at;
    }
  }
  return n;
}

/**
 * Holds a receipt against the mission's card. It returns the item as it now stands, or null if
 * the receipt proves nothing about it.
 * @param {Item} item @param {string} text @param {import("../lib/check/card.js").Card} card
 */
async function receipted(item, text, card) {
  try {
    const r = parseReceipt(text), s = await checkReceipt(r, utf8(item.leaf), card.under);
    await saw(r.checkpoint, Number(s.size));
    /** @type {Item} */
    const now = { ...item, state: s.met ? "cosigned" : "logged", receipt: text, index: Number(r.index), rule: "", reason: "", tries: 0, due: 0 };
    return s.met ? { ...now, sealed: null, line: null, given: null } : now;
  } catch {
    return null;
  }
}

/** Remembers the newest checkpoint that was checked here, which the next record says it saw. @param {string} signed @param {number} size */
async function saw(signed, size) {
  await navigator.locks.request("phone-seen", async () => {
    const was = await vault.get("seen");
    if (!was || was.size < size) await vault.put("seen", { signed, size });
  });
}

const SECOND = 1000;
/** How long to wait after so many failures: ever longer up to a minute, and never the same on two phones. @param {number} n */
const pause = (n) => Math.min(60 * SECOND, SECOND * 2 ** Math.min(n, 6)) * (0.5 + Math.random());

/** Most bytes and records that leave at once: less is lost when the network goes. */
const PIECE = 48000, MOST = 16;

/**
 * Sends the oldest of what is due, once.
 * @param {boolean} all also what was answered "later"
 * @returns {Promise<{reached: boolean, more: boolean, next: number}>} reached: something was answered; more: more can go
 *   at once; next: milliseconds until what was put off may go
 */
async function round(all) {
  const m = await mission(), card = parseCard(m.card), now = Date.now();
  const waiting = (await list()).filter(({ item }) => held(item) && (item.state === "here" || item.state === "later"));
  const due = waiting.filter(({ item }) => all || item.state === "here" || item.due <= now || item.due > now + 7200 * SECOND); // a clock that was set back puts nothing off for days
  /** @type {typeof due} */
  const piece = [];
  let size = 0;
  for (const x of due) {
    size += (x.item.sealed ?? x.item.line ?? "").length;
    if (piece.length && (size > PIECE || piece.length >= MOST || (x.item.sealed === null) !== (piece[0].item.sealed === null))) break;
    piece.push(x);
  }
  const answers = !piece.length ? [] : piece[0].item.sealed === null ? await post(piece.map((x) => x.item.line ?? "")) : await postSealed(piece.map((x) => ({ name: x.item.name, bytes: unbase64(x.item.sealed ?? "") ?? new Uint8Array() })));
  let settled = 0, answered = 0;
  for (const [i, x] of piece.entries()) {
    const a = answers?.[i];
    if (!a) continue; // not answered: it stays what it is
    answered++;
    /** @type {Item | null} */
    let next = a.receipt ? await receipted(x.item, a.receipt.proof, card) : null;
    if (!next && a.status === 422) next = { ...x.item, state: "refused", rule: a.rule, reason: a.reason };
    if (next) settled++;
    const tries = x.item.tries + 1;
    await keep(x.key, next ?? { ...x.item, state: "later", rule: a.receipt ? "receipt" : a.rule, reason: a.reason, tries, due: Date.now() + Math.max(pause(tries), SECOND * Math.min(a.retry_after ?? 0, 3600)) });
  }
  if (answered) changed();
  const later = (await list()).filter(({ item }) => held(item) && item.state === "later").map(({ item }) => item.due - Date.now());
  return { reached: !piece.length || answered > 0, more: settled > 0 && due.length > settled, next: Math.max(SECOND, Math.min(...later, Infinity)) };
}

/** Asks for better receipts of what is logged and not cosigned yet. @returns {Promise<boolean>} whether some are still without */
async function better() {
  const card = parseCard((await mission()).card);
  const open = (await list()).filter(({ item }) => item.state === "logged" && held(item)).slice(0, 100);
  if (!open.length) return false;
  const proofs = await newest(open.map((x) => x.item.hash));
  let left = 0;
  for (const x of open) {
    const text = proofs.get(x.item.hash), next = text ? await receipted(x.item, text, card) : null;
    if (next) await keep(x.key, next);
    if (next?.state !== "cosigned") left++;
  }
  changed();
  return left > 0;
}

let failures = 0, running = false, again = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Sends, in one window for all. It returns after how many milliseconds to go on. @param {boolean} all @returns {Promise<number>} */
const send = async (all) => navigator.locks.request("phone-send", { ifAvailable: true }, async (lock) => {
  if (!lock) return 5 * SECOND; // another window sends
  for (;;) {
    const r = await round(all);
    if (!r.reached) return pause(++failures);
    failures = 0;
    if (!r.more) return Math.min(r.next, await better() ? 10 * SECOND : Infinity);
  }
});

/** Sends now, and again for as long as something waits. @param {boolean} [all] also what was answered "later" */
export async function flush(all = false) {
  again ||= running;
  if (running || !vault.isOpen()) return;
  running = true;
  clearTimeout(timer);
  const soon = await send(all).catch(() => pause(++failures)); // locked in between, or the disk is full
  running = false;
  const next = again ? 0 : soon;
  again = false;
  if (next < Infinity) timer = setTimeout(flush, next);
}

/** Starts anew whenever a network may be there. */
export function listen() {
  const now = () => { failures = 0; flush(); };
  addEventListener("online", now);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) now(); });
  setInterval(() => { if (!document.hidden) flush(); }, 20 * SECOND);
}

/** Lets go of a record by the observer's own hand: what was refused, or what may not be kept. @param {string} hash */
export async function drop(hash) {
  for (const { key, item } of await list()) if (item.hash === hash) await keep(key, { ...item, sealed: null, line: null, given: null, own: true });
  changed();
}
