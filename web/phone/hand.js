// For a hostile hand: what is wiped, and the second PIN, which opens an ordinary night.

import { hex, utf8 } from "../lib/check/bytes.js";
import { sha256 } from "../lib/check/sha256.js";
import { moment, nonce } from "../lib/desk/sign.js";
import { button, h, Said, show } from "./dom.js";
import * as db from "./db.js";
import { mission } from "./mission.js";
import { pinPad } from "./pin.js";
import { counts } from "./queue.js";
import { t } from "./words.js";
import * as vault from "./vault.js";

/** Asks once more, and wipes. @param {() => unknown} back */
export async function wipe(back) {
  const n = await counts();
  show("wipe", [h("h1", {}, t("phone.wipe")), h("p", { class: "lead" }, t("phone.wipe.lead", { n: n.here + n.refused })),
    h("p", { class: "act" }, button(t("phone.wipe.now"), gone, { class: "grave", "data-wipe": true }))], { back });
}

/** Everything that this phone holds goes: records, receipts, names, the key, the app itself. */
async function gone() {
  vault.lock();
  await db.clear();
  localStorage.clear();
  await Promise.all((await caches.keys()).map((k) => caches.delete(k)));
  await Promise.all((await navigator.serviceWorker.getRegistrations()).map((r) => r.unregister()));
  show("gone", [h("h1", {}, t("phone.wipe.gone"))]);
}

/** Chooses the PIN that opens an ordinary night. @param {() => unknown} back */
export function second(back) {
  pinPad({
    title: t("phone.second"), lead: t("phone.second.lead"), least: 6, back, done: (first) => pinPad({
      title: t("phone.pin.repeat"), lead: "", least: 6, back, done: async (again) => {
        if (first !== again) throw new Said("phone.pin.differs");
        const m = await mission();
        if (!m.calm) {
          if (!await vault.second(first)) throw new Said("phone.second.same");
          // Behind it: the same mission under the same key, and nothing of what was recorded.
          const flag = hex(sha256(utf8(m.code)));
          await vault.behindSecond(() => vault.put("mission", { ...m, code: "", flag, calm: true, since: null }));
          await db.change(["keys", "queue"], "readwrite", (at) => {
            const own = at("keys").get(0);
            own.onsuccess = () => at("keys").put(own.result, 1);
            const rows = at("queue").openCursor(); // an older second night goes
            rows.onsuccess = () => {
              const c = rows.result;
              if (!c) return;
              if (c.value.door === 1) c.delete();
              c.continue();
            };
          });
        }
        await back();
      },
    }),
  });
}

/** Furnishes an ordinary night: still here, every half an hour, all of it logged. */
export async function furnish() {
  const rows = (await db.all("queue")).filter(([, row]) => row.door === vault.door());
  const last = rows.length ? (await vault.unseal(rows[rows.length - 1][1])).at : "";
  const from = Math.max(Date.parse(last || "1970-01-01T00:00:00Z") + 1800e3, Date.now() - 4 * 3600e3);
  for (let at = from + 1000 * Math.floor(600 * Math.random()), seq = rows.length + 1; at < Date.now() - 120e3; at += 1000 * Math.floor(1700 + 300 * Math.random()), seq++) {
    const item = { hash: nonce() + nonce(), seq, kind: "coverage", at: moment(new Date(at)), leaf: "", sealed: null, name: "", line: null, given: null, state: "cosigned", rule: "", reason: "", due: 0, tries: 0, receipt: "", index: -1 };
    const sealed = await vault.seal(item);
    await db.change(["queue"], "readwrite", (s) => { s("queue").add({ door: vault.door(), ...sealed }); });
  }
}
