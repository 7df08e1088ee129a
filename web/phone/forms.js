// The forms of the home buttons, in the order in which a hand reaches them. A correction is the
// same form with what was entered in it.

import { button, choice, field, h, show, Said } from "./dom.js";
import { edit } from "./mission.js";
import { basis, callSign, note, place, tally, when } from "./pieces.js";
import { look, whereOf } from "./place.js";
import { list } from "./queue.js";
import { formOf, restated, write } from "./record.js";
import { labelled, t, word } from "./words.js";
import { moment } from "../lib/desk/sign.js";

/** @typedef {import("./mission.js").Mission} Mission */
/** @typedef {import("./record.js").Item} Item */
/** @typedef {{was?: Item, done: (i: Item) => unknown, back: () => unknown}} After was: what it corrects */

/** Call-signs of the last records, newest first. @returns {Promise<string[]>} */
async function recent() {
  const all = (await list()).reverse().flatMap(({ item }) => [item.given?.facts?.convoy, ...(item.given?.facts?.convoys ?? [])]).filter((c) => c);
  return Array.from(new Set(all)).slice(0, 4);
}

/** What is restated: the kind and the members of its parts. @param {Item} i @returns {{kind: string, given: import("./record.js").Given}} */
export function restates(i) {
  const g = i.given ?? {};
  return i.kind === "correction" ? { kind: g.facts.kind, given: { ...g, facts: g.facts.facts } } : { kind: i.kind, given: g };
}

/** Signs what was entered, as a record of its own or as the correction of another. @param {Mission} m @param {string} kind @param {import("./record.js").Given} given @param {After} o @param {string} [reason] */
export async function save(m, kind, given, o, reason = "mistyped") {
  const item = o.was
    ? await write("correction", { ...given, facts: { kind, reason, facts: restated(kind, given.facts) } }, o.was.hash)
    : await write(kind, given);
  await edit((x) => { x.since = moment(new Date()); });
  await o.done(item);
}

/** @param {string} kind @param {string} title @param {(HTMLElement | null)[]} pieces @param {() => unknown} act @param {After} o */
function form(kind, title, pieces, act, o) {
  look();
  show("form", [h("h1", { "data-kind": kind }, o.was ? t("phone.correct.title", { what: title }) : title), o.was ? h("p", { class: "note" }, t("phone.correct.lead")) : null, ...pieces,
    h("p", { class: "act save" }, button(t("phone.save"), act, { "data-save": true }))], { back: o.back });
}

/** @param {(Node | null)[]} inner */
const further = (inner) => h("details", { class: "piece further" }, h("summary", {}, t("phone.further")), ...inner.filter((x) => x !== null).map((x) => /** @type {Node} */ (x)));

/** Left, arrived, passed, turned back. @param {Mission} m @param {string} kind @param {After} o */
export async function movement(m, kind, o) {
  const was = o.was?.given ? restates(o.was).given : undefined, titles = /** @type {Record<string, string>} */ ({ departure: "phone.left", arrival: "phone.arrived" });
  const c = callSign(m, was?.facts.convoy ?? null, await recent()), n = tally(was?.count), p = place(m, was ? was.where.place : m.place), w = when(was?.facts.when), b = basis(was?.facts.basis), say = note(was?.narrative?.text);
  form(kind, titles[kind] ? t(titles[kind]) : word("Kind", kind), [n.el, c.el, p.el, w.el, further([b.el, say.el])], () => {
    const convoy = c.get();
    return save(m, kind, { facts: { convoy, leg: convoy?.[0] ?? c.leg(), when: w.get(), basis: b.get(), via: null }, count: n.get(), where: whereOf(p.get()), narrative: say.get() }, o, "miscounted");
  }, o);
}

/** Stopped. @param {Mission} m @param {After} o */
export async function stopped(m, o) {
  const was = o.was?.given ? restates(o.was).given : undefined;
  const c = callSign(m, was?.facts.convoys[0] ?? null, await recent()), p = place(m, was ? was.where.place : m.place), w = when(was?.facts.when), b = basis(was?.facts.basis), say = note(was?.narrative?.text);
  let reason = was?.facts.stated[0]?.reason ?? "none-stated", by = was?.facts.stated[0]?.by ?? "";
  const why = /** @type {HTMLSelectElement} */ (h("select", { onchange: () => { reason = why.value; } }, formOf("HoldReason").words.map((x) => h("option", { value: x, selected: x === reason }, word("HoldReason", x)))));
  const who = /** @type {HTMLSelectElement} */ (h("select", { onchange: () => { by = who.value; } }, h("option", { value: "" }, t("phone.unknown")), m.terms.actors.map((a) => h("option", { value: a.id, selected: a.id === by }, labelled(a.label)))));
  form("hold", t("phone.stopped"), [c.el, field(t("phone.reason"), why, t("phone.reason.hint")), field(t("phone.reason.by"), who), p.el, w.el, further([b.el, say.el])], () => {
    const convoy = c.get();
    return save(m, "hold", {
      facts: { convoys: convoy ? [convoy] : [], legs: convoy ? [] : [c.leg()].filter((x) => x), when: w.get(), basis: b.get(), via: null, stated: reason === "none-stated" ? [] : [{ by: by || null, reason }] },
      where: whereOf(p.get()), who: { actors: [] }, narrative: say.get(),
    }, o);
  }, o);
}

/** Something happened. @param {Mission} m @param {After} o */
export async function happened(m, o) {
  const was = o.was?.given ? restates(o.was).given : undefined;
  const kinds = m.terms.incidents.length ? m.terms.incidents : formOf("IncidentOf").words;
  let what = was?.facts.what ?? "";
  const c = callSign(m, was?.facts.convoy ?? null, await recent()), p = place(m, was ? was.where.place : m.place), w = when(was?.facts.when), b = basis(was?.facts.basis), say = note(was?.narrative?.text);
  const concerns = h("details", { class: "piece" }, h("summary", {}, t("phone.concerns")), c.el);
  const grid = choice(t("phone.what"), kinds.map((x) => /** @type {[string, string]} */ ([x, word("IncidentOf", x)])), what, (x) => { what = x; }, "what");
  form("incident", t("phone.happened"), [grid, b.el, p.el, w.el, say.el, concerns], () => {
    if (!what) throw new Said("phone.trouble.what");
    return save(m, "incident", { facts: { what, convoy: c.get(), when: w.get(), basis: b.get(), via: null }, count: was?.count ?? { sums: [] }, where: whereOf(p.get()), who: { actors: [] }, narrative: say.get() }, o);
  }, o);
}

/** Still here: the post was there the whole time since it was last heard from. @param {Mission} m @param {After} o */
export async function here(m, o) {
  if (!m.place) throw new Said("phone.trouble.post");
  const now = moment(new Date());
  const since = m.since && m.since <= now && Date.parse(now) - Date.parse(m.since) < 12 * 3600e3 ? m.since : null;
  look();
  await save(m, "coverage", { facts: { post: m.standing.observer, as: since ? "throughout" : "begins", present: true, when: [since ?? now, now], why: null, basis: "observed", via: null }, where: whereOf(m.place) }, o);
}
