// The app begins here: words, theme, worker; then the lock, or an enrolment, and behind it the
// home of the night.

import { button, h, holdBack, Said, show, trouble } from "./dom.js";
import { happened, here, movement, restates, stopped } from "./forms.js";
import { edit, mayWrite, mission, placeOf, refreshStanding } from "./mission.js";
import { wear } from "./looks.js";
import { place } from "./pieces.js";
import { pinPad } from "./pin.js";
import * as queue from "./queue.js";
import { clock, labelled, speak, t, word } from "./words.js";
import { forget, KINDS_OF, warm } from "./record.js";
import * as vault from "./vault.js";

/** @typedef {import("./record.js").Item} Item */

// What a night seldom needs is loaded when it is asked for; the phone keeps it all the same.
const enrolment = () => import("./enrol.js");
const schema = () => import("./more.js");
const hand = () => import("./hand.js");
const set = () => import("./settings.js");

/** How long nobody may touch the phone before it locks, in milliseconds. */
const IDLE = 10 * 60e3;

/** The screen in front of everything: a pad and no name. */
async function locked() {
  vault.lock();
  forget();
  const left = await vault.wait();
  pinPad({
    title: t("phone.locked"), lead: left ? t("phone.locked.wait", { n: left }) : "", least: 4, done: async (pin) => {
      if (await vault.wait() > 0) throw new Said("phone.locked.wait", { n: await vault.wait() });
      if (!await vault.open(pin)) {
        const n = await vault.wait();
        throw n ? new Said("phone.locked.wait", { n }) : new Said("phone.locked.wrong");
      }
      touched = Date.now();
      await enter();
    },
  });
}

/** After the lock: the admission, until there is a name to sign under, and then home. */
async function enter() {
  queue.flush();
  warm().catch(() => {}); // loaded again with the first record
  const m = await mission();
  if (m.calm) await (await hand()).furnish();
  if (mayWrite(m)) await home();
  else await (await enrolment()).waiting(home);
}

/** @param {Item} [saved] @returns {Promise<void>} */
async function home(saved) {
  const m = await mission();
  if (!m.place && !saved) return post(() => home());
  const n = await queue.counts(), at = m.place && placeOf(m, m.place);
  const big = (/** @type {string} */ name, /** @type {() => unknown} */ act, /** @type {string} */ more = "") => button(t("phone." + name), act, { class: "big " + more, "data-home": name });
  const after = { done: async (/** @type {Item} */ i) => { queue.changed(); await home(i); queue.flush(); }, back: () => home() };
  const status = h("button", { type: "button", class: "status", "data-status": true, onclick: () => journal() });
  const draws = async () => {
    const c = await queue.counts().catch(() => null);
    if (c) status.replaceChildren(h("span", { class: "dot", "aria-hidden": "true" }, c.refused ? "▲" : c.here ? "◇" : "●"), " ", t("phone.count.here", { n: c.here }), " ", h("span", {}, t("phone.count.logged", { n: c.logged })), c.refused ? h("b", {}, " " + t("phone.count.refused", { n: c.refused })) : "");
  };
  const time = h("time", {}, clock(new Date().toISOString(), m.terms.zone, false, true));
  const tick = setInterval(() => { time.textContent = clock(new Date().toISOString(), m.terms.zone, false, true); }, 10000);
  const unwatch = queue.watch(draws);
  await draws();
  void n;
  show("home", [
    h("h1", { class: "hide" }, t("phone.home")),
    status,
    h("p", { class: "post" }, button(at ? labelled(at.label) : t("phone.post.none"), () => post(() => home()), { class: "plain", "data-post": true }), time),
    saved ? undo(saved, after) : null,
    m.standing.state !== "deployed" && !m.calm ? h("p", { class: "notice n-warn" }, t("phone.state." + m.standing.state)) : null,
    h("div", { class: "home" }, big("left", () => movement(m, "departure", after)), big("arrived", () => movement(m, "arrival", after)), big("stopped", () => stopped(m, after)), big("happened", () => happened(m, after)),
      big("here", async () => here(await mission(), after), "wide")),
    h("p", { class: "act foot-act" }, button(t("phone.more"), () => more(after), { class: "plain", "data-more": true }), button(t("phone.settings"), async () => (await set()).settings(() => home()), { class: "plain", "data-settings": true }), button(t("phone.lock"), () => locked(), { class: "plain", "data-lock": true })),
  ], { left: () => { clearInterval(tick); unwatch(); } });
}

/** What was just kept, and the way to mend it. @param {Item} saved @param {import("./forms.js").After} after */
function undo(saved, after) {
  return h("div", { class: "notice n-done saved", role: "status" }, h("b", {}, t("phone.saved", { what: word("Kind", restates(saved).kind), n: saved.seq })), " ",
    button(t("phone.correct"), () => correct(saved, after), { class: "plain", "data-correct": saved.hash }));
}

/** @param {Item} item @param {import("./forms.js").After} after */
async function correct(item, after) {
  const m = await mission(), { kind } = restates(item), o = { ...after, was: item };
  if (kind === "departure" || kind === "arrival") return movement(m, kind, o);
  if (kind === "hold") return stopped(m, o);
  if (kind === "incident") return happened(m, o);
  return (await schema()).draw(m, kind, o);
}

/** A record that this phone can no longer read is corrected by its number: what it was is said anew. @param {Item} item @param {import("./forms.js").After} after */
async function byNumber(item, after) {
  show("by-number", [h("h1", {}, t("phone.correct.which", { n: item.seq })), h("p", { class: "lead" }, t("phone.correct.which.lead")),
    h("ul", { class: "plain kinds-list" }, KINDS_OF.filter((k) => k !== "correction").map((k) => h("li", {}, button(word("Kind", k), () => correct({ ...item, kind: k, given: null }, after), { class: "plain", "data-kind": k }))))], { back: journal });
}

/** Where the post is. @param {() => unknown} done */
async function post(done) {
  const m = await mission(), p = place(m, m.place, t("phone.post"));
  /** @type {HTMLDetailsElement} */ (p.el).open = true;
  show("post", [h("h1", {}, t("phone.post")), h("p", { class: "lead" }, t("phone.post.lead")), p.el,
    h("p", { class: "act" }, button(t("phone.next"), async () => {
      const id = p.get();
      if (!id) throw new Said("phone.trouble.post");
      await edit((x) => {
        if (x.place !== id) x.since = null;
        x.place = id;
      });
      return done();
    }, { "data-next": true }))], m.place ? { back: done } : {});
}

/** Every other kind. @param {import("./forms.js").After} after */
async function more(after) {
  const m = await mission(), { draw, others } = await schema();
  show("more", [h("h1", {}, t("phone.more.title")), h("ul", { class: "plain kinds-list" }, others(m).map((k) => h("li", {}, button(word("Kind", k), () => draw(m, k, { ...after, back: () => more(after) }), { class: "plain", "data-kind": k }))))], { back: () => home() });
}

/** @param {Item} i the state of a record in words */
function stateOf(i) {
  if (i.own) return t("phone.is.dropped");
  if (i.state === "later") return t("phone.is.later", { why: why(i) });
  if (i.state === "refused") return t("phone.is.refused", { why: why(i) });
  return t("phone.is." + i.state);
}

/** @param {Item} i */
function why(i) {
  const known = t("phone.why." + i.rule);
  return known === "phone.why." + i.rule ? i.reason || i.rule : known;
}

const MARKS = { here: "◇", later: "◇", refused: "▲", logged: "●", cosigned: "●" };

/** Every record of this phone, the newest first. */
async function journal() {
  const m = await mission();
  const box = h("ul", { class: "plain journal" });
  const draws = async () => {
    const all = (await queue.list()).reverse();
    box.replaceChildren(...all.map(({ item }) => {
      const { kind, given } = item.given ? restates(item) : { kind: item.kind, given: null };
      const name = !kind ? t("phone.sealed") : item.kind === "correction" ? t("phone.correct.title", { what: word("Kind", kind) }) : word("Kind", kind);
      const after = { done: async () => { await journal(); queue.flush(); }, back: journal };
      return h("li", { "data-state": item.own ? "dropped" : item.state, "data-hash": item.hash, "data-kind": item.kind },
        h("b", {}, item.seq + " · " + name, " "), h("time", {}, clock(item.at, m.terms.zone, true)),
        given ? h("p", {}, h("bdi", { dir: "ltr" }, given.facts.convoy ?? given.facts.convoys?.join(" ") ?? ""), " ", (given.count?.sums ?? []).map((/** @type {any} */ s) => word("Unit", s.unit) + t("colon") + " " + s.total).join(t("sep"))) : null,
        h("p", { class: "state-line" }, MARKS[item.state] + " " + stateOf(item)),
        h("p", { class: "act" }, item.own ? null : button(t(given ? "phone.correct" : "phone.correct.number"), () => (given ? correct(item, after) : byNumber(item, after)), { class: "plain", "data-correct": item.hash }),
          item.state === "refused" && !item.own ? button(t("phone.drop"), () => queue.drop(item.hash), { class: "plain grave", "data-drop": item.hash }) : null));
    }));
    if (!all.length) box.replaceChildren(h("li", { class: "empty" }, t("phone.journal.empty")));
  };
  await draws();
  const n = await queue.counts();
  show("journal", [h("h1", {}, t("phone.journal")), n.oldest ? h("p", { class: "sub" }, t("phone.oldest", { when: clock(n.oldest, m.terms.zone, true) })) : null,
    h("p", { class: "act" }, button(t("phone.send"), () => queue.flush(true), { "data-send": true }), button(t("phone.export"), async () => (await set()).exportFile(), { class: "plain", "data-export": true })), box], { back: () => home(), left: queue.watch(draws) });
}

let touched = Date.now();

/** Locks a phone that nobody touches, also one that slept. */
function watchHands() {
  for (const e of ["pointerdown", "keydown"]) addEventListener(e, () => { touched = Date.now(); }, { passive: true });
  const idle = () => { if (vault.isOpen() && Math.abs(Date.now() - touched) > IDLE) locked(); };
  setInterval(idle, 15000);
  document.addEventListener("visibilitychange", idle);
}

async function start() {
  wear(localStorage.getItem("theme") ?? "auto");
  const text = location.hash.slice(1); // an invitation: it is in no history and in no address that is copied
  if (text) history.replaceState(null, "", location.pathname);
  await speak();
  const registered = navigator.serviceWorker?.register("/phone/sw.js", { scope: "/phone/", updateViaCache: "none" });
  if (location.pathname.endsWith("/selftest")) {
    await registered?.catch(() => {});
    return (await enrolment()).selftest();
  }
  holdBack();
  addEventListener("hashchange", () => { if (location.hash) location.reload(); }); // a link that is opened while the app is
  queue.listen();
  watchHands();
  if (await vault.exists()) return locked();
  await registered?.then(() => navigator.serviceWorker.ready).catch(() => {});
  await (await enrolment()).begin(text, home);
}

setInterval(() => { if (vault.isOpen() && navigator.onLine) refreshStanding().catch(() => {}); }, 300000);
start().catch(trouble);
