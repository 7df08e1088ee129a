// A phone becomes an observer's: the words of the mission are compared, a PIN is chosen, the
// device makes its key and proves that it holds it, and the office is told. Then it waits until
// the parties have answered.

import { hex, unhex } from "../lib/check/bytes.js";
import { WORDS } from "../lib/check/words.js";
import { fingerprint, prove } from "../lib/desk/sign.js";
import * as db from "./db.js";
import { abilities, persist } from "./device.js";
import { button, field, h, Said, show } from "./dom.js";
import { askServer, edit, fetchMission, invitation, mayWrite, mission, refreshStanding } from "./mission.js";
import { pinPad } from "./pin.js";
import { looks } from "./looks.js";
import { labelled, t } from "./words.js";
import * as vault from "./vault.js";

/** What this device can do. @param {() => unknown} [back] */
export async function selftest(back) {
  const list = await abilities();
  show("selftest", [
    h("h1", {}, t("phone.selftest")),
    h("p", { class: "lead" }, list.every((c) => c.ok || !c.must) ? t("phone.selftest.good") : t("phone.selftest.bad")),
    h("ul", { class: "plain abilities" }, list.map((c) => h("li", { "data-can": c.name, "data-ok": String(c.ok) },
      h("b", {}, (c.ok ? "● " : c.must ? "▲ " : "◇ ") + t("phone.can." + c.name)), " ", c.ok ? t("phone.can.yes") : t("phone.cannot." + c.name)))),
    looks(() => selftest(back)),
  ], { back });
}

/** Begins an enrolment, with an invitation from a link or typed. @param {string} text @param {() => unknown} home */
export async function begin(text, home) {
  const list = await abilities(), missing = list.filter((c) => c.must && !c.ok);
  if (missing.length) {
    show("impossible", [
      h("h1", {}, t("phone.impossible")), h("p", {}, t("phone.impossible.why")),
      h("ul", { class: "plain abilities" }, missing.map((c) => h("li", { "data-can": c.name }, h("b", {}, "▲ " + t("phone.can." + c.name)), " ", t("phone.cannot." + c.name)))),
      h("p", { class: "act" }, button(t("phone.selftest"), () => selftest(() => begin(text, home)), { class: "plain" })),
      looks(() => begin(text, home)),
    ]);
    return;
  }
  const link = invitation(text);
  if (link) return compare(link, home);
  const input = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: 3, class: "code", autocapitalize: "off", autocomplete: "off", spellcheck: "false" }));
  show("invitation", [
    h("h1", {}, t("phone.begin")), h("p", { class: "lead" }, t("phone.begin.lead")),
    field(t("phone.invitation"), input, t("phone.invitation.hint")),
    h("p", { class: "act" }, button(t("phone.next"), () => {
      const l = invitation(input.value);
      if (!l) throw new Said("phone.trouble.link");
      return compare(l, home);
    }, { "data-next": true })),
    h("p", { class: "act" }, button(t("phone.selftest"), () => selftest(() => begin(text, home)), { class: "plain" })),
    looks(() => begin(text, home)),
  ]);
}

/** @param {{code: string, print: string}} link @param {() => unknown} home */
async function compare(link, home) {
  let m;
  try {
    m = await fetchMission(link);
  } catch (e) {
    show("invitation", [h("h1", {}, t("phone.begin")), h("p", { class: "notice n-fails", role: "alert" }, e instanceof Error ? e.message : String(e)),
      h("p", { class: "act" }, button(t("phone.again"), () => compare(link, home), { "data-next": true }))]);
    return;
  }
  const found = m;
  show("card", [
    h("h1", {}, t("phone.card")), h("p", { class: "lead" }, t("phone.card.lead")),
    h("p", { class: "words", dir: "ltr", lang: "en" }, found.card.words.join(" ")),
    found.card.exercise ? h("p", { class: "note" }, t("phone.exercise")) : null,
    h("p", { class: "act" }, button(t("phone.card.same"), () => pin(link, found, home), { "data-next": true })),
    h("p", {}, t("phone.card.other")),
  ]);
}

/** @param {{code: string, print: string}} link @param {Awaited<ReturnType<typeof fetchMission>>} found @param {() => unknown} home */
function pin(link, found, home) {
  pinPad({
    title: t("phone.pin.choose"), lead: t("phone.pin.lead"), least: 6, done: (first) => pinPad({
      title: t("phone.pin.repeat"), lead: "", least: 6, done: async (second) => {
        if (first !== second) {
          pin(link, found, home);
          throw new Said("phone.pin.differs");
        }
        await make(first, link, found);
        await waiting(home);
      },
    }),
  });
}

/** Makes the lock, the key and its proof. @param {string} pin @param {{code: string, print: string}} link @param {Awaited<ReturnType<typeof fetchMission>>} found */
async function make(pin, link, found) {
  await persist();
  await vault.make(pin);
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]));
  const pub = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  await db.put("keys", 0, { privateKey: pair.privateKey, fingerprint: fingerprint(pub) });
  const key = hex(pub), proof = await prove(pair.privateKey, pub, found.card.exercise, found.origin, found.card.mission);
  const { places, legs, actors, incidents, may, zone } = found.terms;
  await vault.put("mission", {
    card: found.text, origin: found.origin, code: link.code, key, proof, sealing: found.sealing ?? "", terms: { places, legs, actors: actors.map((/** @type {any} */ a) => ({ id: a.id, label: a.label, roles: a.roles })), incidents, may, zone },
    standing: { state: "new", observer: "", label: [], asked: [], needed: 0, votes: [], until: null }, place: null, since: null,
  });
}

/** Tells the office of the key, as often as it takes. */
async function tell() {
  const m = await mission();
  await askServer("enrol", { code: m.code, key: m.key, proof: m.proof });
  await edit((x) => { if (x.standing.state === "new") x.standing.state = "waiting"; });
}

/** How the admission stands. @param {() => unknown} home */
export async function waiting(home) {
  let said = "";
  try {
    if ((await mission()).standing.state === "new") await tell();
    await refreshStanding();
  } catch (e) {
    said = e instanceof Error ? e.message : String(e);
  }
  const m = await mission(), s = m.standing, key = await /** @type {Promise<any>} */ (db.get("keys", 0));
  const name = (/** @type {string} */ id) => labelled(m.terms.actors.find((a) => a.id === id)?.label ?? []) || id;
  const deployed = s.state === "deployed";
  show("standing", [
    h("h1", { "data-state": s.state }, t("phone.state." + s.state)),
    said ? h("p", { class: "notice n-warn", role: "status" }, said) : null,
    h("p", { class: "lead" }, t("phone.state." + s.state + ".lead")),
    h("p", { class: "act" }, mayWrite(m) ? button(t(deployed ? "phone.start" : "phone.start.early"), () => home(), { "data-next": true, class: deployed ? null : "plain" }) : null,
      button(t("phone.look"), () => waiting(home), { class: "plain", "data-look": true })),
    s.asked.length ? h("ul", { class: "plain" }, s.asked.map((id) => {
      const v = s.votes.filter((x) => x.of === id).at(-1);
      return h("li", {}, h("bdi", {}, name(id)), t("colon"), t(v ? (v.yes ? "phone.vote.yes" : "phone.vote.no") : "phone.vote.none"));
    })) : null,
    h("section", {}, h("h2", {}, t("phone.key")), h("p", {}, t("phone.key.lead")),
      h("p", { class: "words", dir: "ltr", lang: "en" }, Array.from(unhex(key.fingerprint).subarray(0, 10), (b) => WORDS[b]).join(" ")),
      h("details", {}, h("summary", {}, t("phone.key.offline")), h("p", {}, t("phone.key.offline.lead")), h("pre", { class: "raw", dir: "ltr", tabindex: 0, "aria-label": t("phone.key.offline") }, "key " + m.key + "\nproof " + m.proof))),
  ], { back: mayWrite(m) ? () => home() : undefined });
}
