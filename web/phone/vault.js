// What the phone keeps is encrypted under a key that only the PIN opens. There are always two
// doors in the lock, each with a key of its own; nobody without a PIN can tell whether the second
// was ever used. A PIN of six digits stops whoever holds the phone, not whoever copies its disk
// and has a day to try them all: that is why records are sealed to the mission as well.

import { textOf, utf8 } from "../lib/check/bytes.js";
import * as db from "./db.js";

const ROUNDS = 600000, FREE = 4, LONGEST = 3600;

/** @typedef {{iv: Uint8Array, ct: ArrayBuffer}} Sealed */
/** @typedef {{salt: Uint8Array, doors: Sealed[], tries: number, until: number}} Lock */

/** The key in use and which door it came by; null while locked. @type {{key: CryptoKey, door: number} | null} */
let now = null;

export const isOpen = () => now !== null;
/** Which of the two doors is open. */
export const door = () => now?.door ?? 0;

/** @param {string} pin @param {Uint8Array} salt */
async function keyOf(pin, salt) {
  const base = await crypto.subtle.importKey("raw", /** @type {BufferSource} */ (utf8(pin)), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt: /** @type {BufferSource} */ (salt), iterations: ROUNDS }, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const random = (/** @type {number} */ n) => crypto.getRandomValues(new Uint8Array(n));

/** @param {CryptoKey} key @param {Uint8Array} bytes @returns {Promise<Sealed>} */
async function encrypt(key, bytes) {
  const iv = random(12);
  return { iv, ct: await crypto.subtle.encrypt({ name: "AES-GCM", iv: /** @type {BufferSource} */ (iv) }, key, /** @type {BufferSource} */ (bytes)) };
}

/** @param {CryptoKey} key @param {Sealed} s */
const decrypt = async (key, s) => new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: /** @type {BufferSource} */ (s.iv) }, key, s.ct));

/** @param {Uint8Array} raw */
const load = (raw) => crypto.subtle.importKey("raw", /** @type {BufferSource} */ (raw), "AES-GCM", false, ["encrypt", "decrypt"]);

/** Whether the phone has a lock, that is, was set up. */
export const exists = async () => (await db.get("door", "lock")) !== undefined;

/** Makes the lock with its first door and opens it. @param {string} pin */
export async function make(pin) {
  const salt = random(16), raw = random(32);
  const first = await encrypt(await keyOf(pin, salt), raw);
  /** @type {Lock} */
  const lock = { salt, doors: [first, { iv: random(12), ct: random(48).buffer }], tries: 0, until: 0 };
  await db.put("door", "lock", lock);
  now = { key: await load(raw), door: 0 };
  raw.fill(0);
}

/** Makes the second door, which opens to other things. The first must be open. @param {string} pin @returns {Promise<boolean>} false if the PIN opens the first */
export async function second(pin) {
  const lock = /** @type {Lock} */ (await db.get("door", "lock")), kek = await keyOf(pin, lock.salt);
  if (await decrypt(kek, lock.doors[0]).then(() => true, () => false)) return false;
  const raw = random(32);
  lock.doors[1] = await encrypt(kek, raw);
  await db.put("door", "lock", lock);
  const was = now;
  now = { key: await load(raw), door: 1 };
  raw.fill(0);
  secondOpen = { key: now.key, door: 1 };
  now = was;
  return true;
}

/** The second door while it is furnished. @type {{key: CryptoKey, door: number} | null} */
let secondOpen = null;

/** Runs work behind the second door, right after it was made. @param {() => Promise<void>} work */
export async function behindSecond(work) {
  const was = now;
  now = secondOpen;
  try {
    await work();
  } finally {
    now = was;
    secondOpen = null;
  }
}

/** How many seconds must pass before another PIN is tried. */
export async function wait() {
  const lock = /** @type {Lock | undefined} */ (await db.get("door", "lock"));
  const left = Math.ceil(((lock?.until ?? 0) - Date.now()) / 1000);
  return left > LONGEST ? LONGEST : Math.max(0, left); // a clock that was set back locks nobody out for days
}

/** Tries a PIN. Each failure after the first few doubles the wait, which is written down before the PIN is tried. @param {string} pin */
export function open(pin) {
  return navigator.locks.request("phone-door", async () => {
    if (await wait() > 0) return false;
    const lock = /** @type {Lock} */ (await db.get("door", "lock"));
    lock.tries++;
    lock.until = lock.tries < FREE ? 0 : Date.now() + 1000 * Math.min(LONGEST, 5 * 2 ** (lock.tries - FREE));
    await db.put("door", "lock", lock);
    const kek = await keyOf(pin, lock.salt);
    for (const [i, d] of lock.doors.entries()) {
      const raw = await decrypt(kek, d).catch(() => null);
      if (!raw) continue;
      now = { key: await load(raw), door: i };
      raw.fill(0);
      await db.put("door", "lock", { ...lock, tries: 0, until: 0 });
      return true;
    }
    return false;
  });
}

/** Forgets the key. What is on the disk stays closed until a PIN opens it. */
export function lock() {
  now = null;
}

const held = () => {
  if (!now) throw new Error("the phone is locked");
  return now;
};

/** @param {any} value @returns {Promise<Sealed>} */
export const seal = (value) => encrypt(held().key, utf8(JSON.stringify(value)));

/** @param {Sealed} s @returns {Promise<any>} */
export const unseal = async (s) => JSON.parse(textOf(await decrypt(held().key, s)));

/** Where something lies: behind the open door. @param {string} name */
export const at = (name) => held().door + " " + name;

/** @param {string} name @returns {Promise<any>} */
export async function get(name) {
  const s = await db.get("kept", at(name));
  return s && unseal(s);
}

/** @param {string} name @param {any} value */
export async function put(name, value) {
  await db.put("kept", at(name), await seal(value));
}
