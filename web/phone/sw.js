"use strict";
// The service worker: the app opens without a network, as it was installed. It keeps one whole
// version, every file held against the list by its hash, and changes to another only when the
// page asks for it. It sees no record: what is asked of the mission passes it by.

const LIST = "/phone/files.json", PAGE = "/phone/", NOW = "/phone/now", NAMES = "phone-names", APP = "phone-app ";

const hex = (buffer) => Array.from(new Uint8Array(buffer), (x) => x.toString(16).padStart(2, "0")).join("");
const hashOf = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

/** The name of the version that is kept whole, "" for none. */
async function current() {
  const said = await (await caches.open(NAMES)).match(NOW);
  return said ? said.text() : "";
}

/** The list of files of the version that the server has now, with its name. */
async function offered() {
  const answer = await fetch(LIST, { cache: "no-store" });
  if (!answer.ok) throw new Error("no list of files: " + answer.status);
  const bytes = await answer.arrayBuffer();
  return { name: await hashOf(bytes), files: JSON.parse(new TextDecoder().decode(bytes)).files };
}

/** Keeps a version whole, or nothing of it. */
async function take({ name, files }) {
  const cache = await caches.open(APP + name);
  await Promise.all(Object.entries(files).map(async ([path, hash]) => {
    if (await cache.match(path)) return;
    const answer = await fetch(path, { cache: "no-cache" });
    const bytes = await answer.arrayBuffer();
    if (!answer.ok || await hashOf(bytes) !== hash) throw new Error("not what the list says: " + path);
    const { status, statusText, headers } = answer;
    await cache.put(path, new Response(bytes, { status, statusText, headers }));
  }));
  await (await caches.open(NAMES)).put(NOW, new Response(name));
}

/** Lets go of versions that no open page can still be of. */
async function tidy() {
  const now = await current();
  const open = await self.clients.matchAll({ type: "window" });
  if (now && open.length < 2) await Promise.all((await caches.keys()).filter((k) => k.startsWith(APP) && k !== APP + now).map((k) => caches.delete(k)));
}

self.addEventListener("install", (event) => {
  // A new worker never brings a new app: only a phone that has none takes one by itself.
  event.waitUntil(current().then(async (now) => now || take(await offered())).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));

self.addEventListener("message", (event) => {
  const answer = async () => {
    if (event.data === "offered") return { current: await current(), offered: (await offered()).name };
    if (typeof event.data === "object" && event.data.take) {
      const o = await offered();
      if (o.name !== event.data.take) throw new Error("the server offers another version than the one that was shown");
      await take(o);
      return { current: await current() };
    }
    throw new Error("not known");
  };
  event.waitUntil(answer().then((a) => event.ports[0].postMessage(a), (e) => event.ports[0].postMessage({ error: String(e.message) })));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin || event.request.method !== "GET") return;
  const page = event.request.mode === "navigate" && url.pathname.startsWith(PAGE);
  if (!page && !url.pathname.startsWith("/a/") && url.pathname !== PAGE + "app.webmanifest") return;
  event.respondWith((async () => {
    const kept = await caches.match(page ? PAGE : url.pathname, { cacheName: APP + await current(), ignoreVary: true });
    return kept ?? await caches.match(url.pathname, { ignoreVary: true }) ?? fetch(event.request);
  })());
});
