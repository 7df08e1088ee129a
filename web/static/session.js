// A session is held by a cookie that no script reads and by a key that the browser cannot
// give away. Every request is proved with the key: this module makes the proofs, for links and
// forms as a cookie that lives for seconds, for requests of scripts as a header.

const secure = location.protocol === "https:";

/** @typedef {{ privateKey: CryptoKey, bind: string }} Pair */

/** @param {ArrayBuffer | Uint8Array} bytes */
export const base64url = (bytes) => {
  let text = "";
  for (const b of new Uint8Array(bytes)) text += String.fromCharCode(b);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

/** @param {string} text */
export const fromBase64url = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
};

/**
 * Runs one request on the place where the browser keeps the key.
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} work
 * @returns {Promise<any>}
 */
const kept = (mode, work) => new Promise((done, failed) => {
  const opening = indexedDB.open("corridor-session", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const change = opening.result.transaction("keys", mode);
    const asked = work(change.objectStore("keys"));
    change.oncomplete = () => { opening.result.close(); done(asked.result); };
    change.onerror = change.onabort = () => { opening.result.close(); failed(change.error); };
  };
});

/** Whether this page can hold a session at all: over TLS, or on this machine. */
export const possible = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

/**
 * Makes the key of a new session. It is kept once the session is open.
 * @returns {Promise<Pair>}
 */
export async function newPair() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const bind = base64url(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { privateKey: pair.privateKey, bind };
}

/** @param {Pair} pair */
export const keep = (pair) => kept("readwrite", (store) => store.put(pair, "now"));

/** @returns {Promise<Pair | undefined>} */
const current = () => kept("readonly", (store) => store.get("now"));

const ask = globalThis.fetch.bind(globalThis);
let nonce = { text: "", at: -Infinity };

/** @returns {Promise<string>} */
async function freshNonce() {
  if (performance.now() - nonce.at > 60_000) {
    const answer = await ask("/api/v1/session/nonce");
    if (!answer.ok) throw new Error("no nonce: " + answer.status);
    nonce = { text: (await answer.json()).nonce, at: performance.now() };
  }
  return nonce.text;
}

/** Forgets the nonce, because the server has: it was started anew. */
export const forgetNonce = () => { nonce.at = -Infinity; };

/**
 * Proves one use of a key on this site.
 * @param {Pair} [pair] that of the session that is open, unless another is given
 */
export async function proof(pair) {
  const key = pair ?? await current();
  if (!key) throw new Error("this browser holds no key");
  const from = await freshNonce();
  const once = base64url(crypto.getRandomValues(new Uint8Array(16)));
  const text = `corridor-proof/v1\n${location.host}\n${from}\n${once}\n`;
  const sig = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key.privateKey, new TextEncoder().encode(text));
  return `${from}.${once}.${base64url(sig)}`;
}

/** Proves the next request that the browser itself makes, if it makes it within seconds. */
export async function proveNext() {
  const name = (secure ? "__Host-" : "") + "proof" + location.port; // cookies know no ports
  document.cookie = `${name}=${await proof()}; path=/; max-age=10; samesite=strict${secure ? "; secure" : ""}`;
}

/**
 * Sends JSON to the door and returns its answer, or throws a Shut.
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function tell(path, body) {
  const answer = await fetch("/api/v1/session/" + path, {
    method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Shut(said.rule ?? "", said.detail ?? String(answer.status));
  return said;
}

/** What the door answers when it stays shut. */
export class Shut extends Error {
  /** @param {string} rule @param {string} reason */
  constructor(rule, reason) {
    super(reason);
    this.rule = rule;
  }
}

/** Goes where a reader without a session goes, in every tab. */
function leave() {
  channel?.postMessage("ended");
  location.replace("/login?ended=1");
}

/** @type {BroadcastChannel | undefined} */
let channel;

/**
 * Asks whether the session has ended, in one tab for all, and leaves the page when it has.
 */
async function watch() {
  for (;;) {
    try {
      const answer = await fetch("/api/v1/session/watch", { headers: { Accept: "application/json" } });
      if (answer.status === 401) {
        const said = await answer.json();
        if (said.rule !== "session.device") return leave();
        forgetNonce();
        await new Promise((done) => setTimeout(done, 1000));
      } else if (answer.ok && (await answer.json()).ended) {
        return leave();
      }
    } catch {
      await new Promise((done) => setTimeout(done, 3000));
    }
  }
}

/**
 * Makes everything that this page asks for carry its proof. What cannot be proved is sent as
 * it is: the server then asks for the proof by a page of its own.
 */
export function hold() {
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const to = new URL(request.url);
    if (to.origin === location.origin && !to.pathname.startsWith("/a/")) {
      try {
        request.headers.set("Corridor-Proof", await proof());
      } catch { /* the server says what is missing */ }
    }
    return ask(request);
  };
  document.addEventListener("click", async (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0
      || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.target || link.hasAttribute("download")) return;
    const to = new URL(link.href);
    if (to.origin !== location.origin || (to.hash && to.pathname === location.pathname && to.search === location.search)) return;
    event.preventDefault();
    await proveNext().catch(() => {});
    location.assign(to);
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    event.preventDefault();
    const by = event.submitter;
    if (by instanceof HTMLButtonElement && by.name) {
      const pressed = document.createElement("input");
      pressed.type = "hidden";
      pressed.name = by.name;
      pressed.value = by.value;
      form.append(pressed);
    }
    await proveNext().catch(() => {});
    form.submit();
  });
  channel = new BroadcastChannel("corridor-session");
  channel.onmessage = () => location.replace("/login?ended=1");
  navigator.locks.request("corridor-session-watch", watch);
}
