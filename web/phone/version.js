// Which version of the app this is: the hash of the list of its files, as the service worker
// keeps it.

/** @type {Promise<string | null> | null} */
let known = null;

/** The hash of the version that is kept, null if none is. It asks nobody: no record waits for it. @returns {Promise<string | null>} */
export const version = () => known ??= caches.open("phone-names").then((c) => c.match("/phone/now")).then((r) => r?.text() ?? null).catch(() => null);
