// What this browser keeps of an office's desk: one key that it can use and cannot give away,
// how far the key's chain has come, and what was signed and is not in the log yet.

/** @typedef {{privateKey: CryptoKey, pub: Uint8Array}} Pair */
/** @typedef {{seq: number, last: string | null}} Chain */
/** @typedef {{hash: string, line: string, kind: string}} Unsent */

/**
 * @param {string} store @param {IDBTransactionMode} mode @param {(s: IDBObjectStore) => IDBRequest} work
 * @returns {Promise<any>}
 */
const kept = (store, mode, work) => new Promise((done, failed) => {
  const opening = indexedDB.open("corridor-desk", 1);
  opening.onupgradeneeded = () => ["keys", "chains", "unsent"].forEach((s) => opening.result.createObjectStore(s));
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const change = opening.result.transaction(store, mode, { durability: "strict" });
    const asked = work(change.objectStore(store));
    change.oncomplete = () => { opening.result.close(); done(asked.result); };
    change.onerror = change.onabort = () => { opening.result.close(); failed(change.error); };
  };
});

/** @param {string} name of mission and actor @returns {Promise<Pair | undefined>} */
export const pair = (name) => kept("keys", "readonly", (s) => s.get(name));

/** Makes a key that no script, this one included, can read. @param {string} name @returns {Promise<Pair>} */
export async function make(name) {
  const made = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]));
  const pub = new Uint8Array(await crypto.subtle.exportKey("raw", made.publicKey));
  await kept("keys", "readwrite", (s) => s.add({ privateKey: made.privateKey, pub }, name)); // a key is never written over
  return { privateKey: made.privateKey, pub };
}

/** @param {string} key fingerprint @returns {Promise<Chain>} */
export const chain = async (key) => (await kept("chains", "readonly", (s) => s.get(key))) ?? { seq: 0, last: null };

/** Notes a record as signed, before anybody else can read it. @param {string} key @param {Chain} c @param {Unsent} u */
export async function extend(key, c, u) {
  await kept("unsent", "readwrite", (s) => s.put(u, u.hash));
  await kept("chains", "readwrite", (s) => s.put(c, key));
}

/** @returns {Promise<Unsent[]>} */
export const unsent = () => kept("unsent", "readonly", (s) => s.getAll());

/** @param {string} hash */
export const sent = (hash) => kept("unsent", "readwrite", (s) => s.delete(hash));

/** Runs work while no other page of this browser signs. @param {() => Promise<void>} work @returns {Promise<void>} */
export const alone = async (work) => { await navigator.locks.request("corridor-desk", work); };

/** Whether this page can hold a key: over TLS or on this machine, in a browser that knows Ed25519. */
export async function possible() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32).fill(1, 31).fill(0x66, 0, 31), "Ed25519", false, ["verify"]);
  } catch (e) {
    if (e instanceof TypeError || (e instanceof DOMException && e.name === "NotSupportedError")) return false;
  }
  return Boolean(globalThis.crypto?.subtle && globalThis.indexedDB && navigator.locks);
}
