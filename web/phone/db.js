// What lies on the phone's disk: one database, in which nothing is readable without the PIN but
// how often it was tried, and the device's key, which no script can read.

/** @typedef {"door" | "keys" | "kept" | "queue"} Store */
/** @type {Store[]} */
const STORES = ["door", "keys", "kept", "queue"];

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
const open = () => opened ??= new Promise((done, failed) => {
  const opening = indexedDB.open("phone", 1);
  opening.onupgradeneeded = () => STORES.forEach((s) => opening.result.createObjectStore(s, s === "queue" ? { autoIncrement: true } : {}));
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const db = opening.result;
    db.onversionchange = () => { db.close(); opened = null; };
    db.onclose = () => { opened = null; };
    done(db);
  };
});

/**
 * Runs one transaction, which is on the disk when it is over, or is not at all.
 * @template T @param {Store[]} stores @param {IDBTransactionMode} mode @param {(at: (s: Store) => IDBObjectStore) => T} work @returns {Promise<T>}
 */
export async function change(stores, mode, work) {
  const db = await open();
  return new Promise((done, failed) => {
    const tx = db.transaction(stores, mode, { durability: "strict" });
    /** @type {T} */
    let out;
    tx.oncomplete = () => done(out);
    tx.onerror = tx.onabort = () => failed(tx.error ?? new Error("the phone did not keep it"));
    out = work((s) => tx.objectStore(s));
  });
}

/** @param {Store} store @param {IDBValidKey} key @returns {Promise<any>} */
export const get = async (store, key) => (await change([store], "readonly", (at) => at(store).get(key))).result;

/** @param {Store} store @param {IDBValidKey} key @param {any} value */
export const put = (store, key, value) => change([store], "readwrite", (at) => { at(store).put(value, key); });

/** All of a store, in the order of its keys. @param {Store} store @returns {Promise<[IDBValidKey, any][]>} */
export async function all(store) {
  const [keys, values] = await change([store], "readonly", (at) => [at(store).getAllKeys(), at(store).getAll()]);
  return keys.result.map((/** @type {IDBValidKey} */ k, /** @type {number} */ i) => [k, values.result[i]]);
}

/** Empties every store. */
export const clear = () => change(STORES, "readwrite", (at) => STORES.forEach((s) => at(s).clear()));
