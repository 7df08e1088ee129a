// What this device can do, and whether it may hold an observer's key: not where the platform
// would lose it.

import { possible } from "../lib/desk/keep.js";
import * as db from "./db.js";

/** @typedef {{name: string, ok: boolean, must: boolean}} Can must: without it nobody is enrolled here */

const ios = () => /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
const installed = () => matchMedia("(display-mode: standalone)").matches || /** @type {any} */ (navigator).standalone === true;

/** Whether a key that nothing can export survives in this browser's store, and signs. */
async function keeps() {
  try {
    const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]));
    await db.put("keys", "try", pair.privateKey);
    const back = await db.get("keys", "try");
    await db.change(["keys"], "readwrite", (at) => { at("keys").delete("try"); });
    const m = crypto.getRandomValues(new Uint8Array(16));
    const exported = await crypto.subtle.exportKey("pkcs8", back).then(() => true, () => false);
    return !exported && await crypto.subtle.verify("Ed25519", pair.publicKey, await crypto.subtle.sign("Ed25519", back, m), m);
  } catch {
    return false;
  }
}

/** Whether what is stored here is likely to be gone when the window closes: a private window has little room. */
async function privately() {
  try {
    const { quota = 0 } = await navigator.storage.estimate();
    return quota > 0 && quota < 120e6;
  } catch {
    return true;
  }
}

/** Tries everything and changes nothing. @returns {Promise<Can[]>} */
export async function abilities() {
  const secure = isSecureContext, known = secure && await possible();
  const worker = "serviceWorker" in navigator && await navigator.serviceWorker.getRegistration("/phone/").then((r) => r !== undefined, () => false);
  return [
    { name: "secure", ok: secure, must: true },
    { name: "ed25519", ok: known, must: true },
    { name: "keeps", ok: known && await keeps(), must: true },
    { name: "room", ok: !await privately(), must: true },
    { name: "installed", ok: !ios() || installed(), must: true },
    { name: "locks", ok: "locks" in navigator, must: true },
    { name: "offline", ok: worker, must: true },
    { name: "persist", ok: await (navigator.storage?.persisted?.() ?? Promise.resolve(false)).catch(() => false), must: false },
    { name: "where", ok: "geolocation" in navigator, must: false },
    { name: "share", ok: "share" in navigator, must: false },
  ];
}

/** Asks the browser not to clear what is kept here. It may say no, and is asked again later. */
export const persist = async () => Boolean(await navigator.storage?.persist?.().catch(() => false));
