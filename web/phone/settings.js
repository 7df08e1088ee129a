// What is seldom needed: the way in and out, the look, the version, and what leaves by hand.

import { unbase64 } from "../lib/check/bytes.js";
import { framed } from "../lib/phone/seal.js";
import { button, h, Said, show } from "./dom.js";
import { selftest, waiting } from "./enrol.js";
import { second, wipe } from "./hand.js";
import { looks } from "./looks.js";
import * as queue from "./queue.js";
import { t } from "./words.js";

/** Everything that has not left, as a file that anybody can hand over with corridor record --carry: sealed items, or signed records where the mission has no sealing key. */
export async function exportFile() {
  const items = (await queue.list()).map(({ item }) => item).filter((i) => queue.held(i) && i.state !== "cosigned");
  if (!items.length) throw new Said("phone.export.none");
  const sealed = items.filter((i) => i.sealed !== null).map((i) => unbase64(i.sealed ?? "") ?? new Uint8Array());
  const plain = items.filter((i) => i.line !== null).map((i) => i.line + "\n").join("");
  const name = crypto.getRandomValues(new Uint32Array(1))[0].toString(16) + (plain ? ".txt" : ".bin");
  const file = new File(plain ? [plain] : [/** @type {BlobPart} */ (framed(sealed))], name, { type: plain ? "text/plain" : "application/octet-stream" });
  if (navigator.canShare?.({ files: [file] })) return navigator.share({ files: [file] }).catch(() => {});
  const a = /** @type {HTMLAnchorElement} */ (h("a", { href: URL.createObjectURL(file), download: name }));
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60000);
}

/** What can be set, and the way out. @param {() => unknown} home */
export function settings(home) {
  const offered = h("p", { class: "sub" });
  show("settings", [h("h1", {}, t("phone.settings")), looks(() => settings(home)),
    h("p", { class: "act" }, button(t("phone.standing"), () => waiting(home), { class: "plain" }), button(t("phone.selftest"), () => selftest(() => settings(home)), { class: "plain" })),
    h("p", { class: "act" }, button(t("phone.second"), () => second(() => settings(home)), { class: "plain", "data-second": true }), button(t("phone.wipe"), () => wipe(() => settings(home)), { class: "grave", "data-wiping": true })),
    h("section", {}, h("h2", {}, t("phone.version")), h("p", { class: "sub" }, t("phone.version.lead")), offered, h("p", { class: "act" }, button(t("phone.version.look"), async () => {
      const v = await worker("offered").catch(() => { throw new Said("phone.trouble.network"); });
      if (v.current === v.offered) offered.textContent = t("phone.version.same", { hash: v.current.slice(0, 16) });
      else offered.replaceChildren(t("phone.version.new", { hash: v.offered.slice(0, 16) }), " ", button(t("phone.version.take"), async () => {
        await worker({ take: v.offered });
        location.reload();
      }));
    }, { class: "plain", "data-version": true })))], { back: home });
}

/**
 * Asks the worker something, and again where it was just replaced by another.
 * @param {any} what @returns {Promise<any>}
 */
async function worker(what) {
  for (let tries = 0; ; tries++) {
    const answer = await asked(what);
    if (answer?.error) throw new Error(answer.error);
    if (answer) return answer;
    if (tries === 3) throw new Error("the worker does not answer");
  }
}

/** One question; null if it was not answered. @param {any} what @returns {Promise<any>} */
async function asked(what) {
  const registration = await navigator.serviceWorker.ready;
  return new Promise((done) => {
    const c = new MessageChannel();
    c.port1.onmessage = (e) => done(e.data);
    registration.active?.postMessage(what, [c.port2]);
    setTimeout(() => done(null), what.take ? 30000 : 5000); // taking a version loads all of it
  });
}
