// Which version of the app this is: the hash of the list of its files, as the service worker
// keeps it.

/** @param {any} what @returns {Promise<any>} */
export async function worker(what) {
  const ready = await Promise.race([navigator.serviceWorker.ready, new Promise((_, no) => setTimeout(() => no(new Error("no worker")), 5000))]);
  const to = /** @type {ServiceWorkerRegistration} */ (ready).active;
  return new Promise((done, failed) => {
    const c = new MessageChannel();
    c.port1.onmessage = (e) => (e.data.error ? failed(new Error(e.data.error)) : done(e.data));
    to?.postMessage(what, [c.port2]);
    setTimeout(() => failed(new Error("the worker does not answer")), 20000);
  });
}

/** @type {Promise<string | null> | null} */
let known = null;

/** The hash of the version that is kept, null if none is. @returns {Promise<string | null>} */
export const version = () => known ??= worker("current").then((a) => a.current || null, () => null);
