// Every other kind of record, drawn from the schema: a kind that the mission gains can be
// recorded the same day. It knows types, never kinds.

import { button, field, h, show, Said } from "./dom.js";
import { restates, save } from "./forms.js";
import { note, place, tally, when } from "./pieces.js";
import { look, whereOf } from "./place.js";
import { list } from "./queue.js";
import { formOf, KINDS_OF, membersOf, partsOf } from "./record.js";
import { digits, labelled, numberOf, t, word } from "./words.js";

/** @typedef {import("./mission.js").Mission} Mission */
/** @typedef {{el: HTMLElement, get: () => any}} Any */

/** The kinds that the mandate lets an observer sign, without those that have a button of their own and corrections, which begin at what they correct. @param {Mission} m */
export const others = (m) => {
  const may = new Set(m.terms.may.filter((x) => x.role === "observer").flatMap((x) => x.kinds));
  return KINDS_OF.filter((k) => (may.size === 0 || may.has(k)) && !["departure", "arrival", "hold", "incident", "correction"].includes(k));
};

/** @param {Mission} m @param {string} kind @param {import("./forms.js").After} o */
export async function draw(m, kind, o) {
  look();
  const was = o.was?.given ? restates(o.was).given : undefined;
  const own = (await list()).map(({ item }) => item).filter((i) => !i.own).reverse().slice(0, 12);
  /** @type {Record<string, Any>} */
  const parts = {};
  for (const p of partsOf(kind)) {
    const v = was?.[p.name];
    if (p.type === "Count") parts[p.name] = tally(v);
    else if (p.type === "Where") {
      const at = place(m, v ? v.place : m.place);
      parts[p.name] = { el: at.el, get: () => whereOf(at.get(), v?.to ?? null) };
    } else if (p.type === "Narrative") parts[p.name] = note(v?.text);
    else if (p.name !== "identity" && p.name !== "who") parts[p.name] = object(m, p.type, v, own);
  }
  show("form", [h("h1", { "data-kind": kind }, o.was ? t("phone.correct.title", { what: word("Kind", kind) }) : word("Kind", kind)), ...Object.values(parts).map((p) => p.el),
    h("p", { class: "act save" }, button(t("phone.save"), () => save(m, kind, { ...Object.fromEntries(Object.entries(parts).map(([name, p]) => [name, p.get()])), ...(partsOf(kind).some((p) => p.name === "who") ? { who: { actors: [] } } : {}) }, o), { "data-save": true }))], { back: o.back });
}

/** @param {string} name */
const label = (name) => word("Field", name.replaceAll("_", "-"));

/** @param {Mission} m @param {string} type @param {any} was @param {import("./record.js").Item[]} own @returns {Any} */
function object(m, type, was, own) {
  const members = membersOf(type).filter((x) => x.type !== "Act");
  const pieces = members.map((x) => member(m, x, was?.[x.name], own));
  return { el: h("div", { class: "group" }, pieces.map((p) => p.el)), get: () => Object.fromEntries(members.map((x, i) => [x.name, pieces[i].get()])) };
}

/** @param {Mission} m @param {import("./record.js").Member} x @param {any} was @param {import("./record.js").Item[]} own @returns {Any} */
function member(m, x, was, own) {
  const f = formOf(x.type), name = label(x.name);
  if (x.type === "Via") return { el: h("span", { hidden: true }), get: () => was ?? null }; // her own account; what was relayed is written as heard or reported
  if (x.list && (f.form === "word" || x.type === "Hash" || x.name === "legs")) return checks(name, f.form === "word" ? f.words.map((w) => [w, word(x.type, w)]) : x.name === "legs" ? m.terms.legs.map((l) => [l.letter, l.letter + " · " + labelled(l.label)]) : own.map((i) => [i.hash, word("Kind", i.kind) + " · " + i.seq]), was);
  if (x.list && f.form === "object") return many(m, name, x, was, own);
  if (x.list) {
    const i = /** @type {HTMLInputElement} */ (h("input", { autocomplete: "off", dir: "ltr", value: (was ?? []).join(" ") }));
    return { el: field(name, i, t("phone.many")), get: () => digits(i.value).toUpperCase().split(/[\s,،]+/).filter((s) => s) };
  }
  if (f.form === "object") return object(m, x.type, was, own);
  if (f.form === "pair") return when(was);
  const options = optionsOf(m, x, f, own);
  if (options) {
    const start = was ?? (x.name === "basis" ? "observed" : x.name === "post" ? m.standing.observer : x.nullable ? "" : options[0]?.[0]);
    const s = /** @type {HTMLSelectElement} */ (h("select", { "data-field": x.name }, x.nullable ? h("option", { value: "" }, t("phone.unknown")) : null, options.map(([v, text]) => h("option", { value: v, selected: v === String(start) }, text))));
    return { el: field(name, s), get: () => (x.type === "boolean" ? s.value === "true" : s.value || null) };
  }
  if (x.type === "Time") {
    const w = when();
    return { el: w.el, get: () => w.get()[0] };
  }
  const i = /** @type {HTMLInputElement} */ (h(x.name === "text" ? "textarea" : "input", { autocomplete: "off", dir: "auto", value: was ?? "", inputmode: f.form === "integer" ? "numeric" : null, "data-field": x.name }));
  return {
    el: field(name, i), get: () => {
      const v = i.value.trim();
      if (!v) {
        if (x.nullable) return null;
        if (f.form === "integer") throw new Said("phone.trouble.number");
        return "";
      }
      if (f.form !== "integer") return x.type === "ConvoyID" ? digits(v).toUpperCase() : v;
      const n = numberOf(v);
      if (n === null) throw new Said("phone.trouble.number");
      return n;
    },
  };
}

/** @param {Mission} m @param {import("./record.js").Member} x @param {{form: string, words: string[]}} f @param {import("./record.js").Item[]} own @returns {[string, string][] | null} */
function optionsOf(m, x, f, own) {
  if (f.form === "word") return f.words.map((w) => [w, word(x.type, w)]);
  if (x.type === "boolean") return [["true", t("yes")], ["false", t("no")]];
  if (x.type === "PlaceID") return m.terms.places.map((p) => [p.id, labelled(p.label)]);
  if (x.type === "ActorID") return [...m.terms.actors.map((a) => /** @type {[string, string]} */ ([a.id, labelled(a.label)])), [m.standing.observer, t("phone.me")]];
  if (x.name === "leg") return m.terms.legs.map((l) => [l.letter, l.letter + " · " + labelled(l.label)]);
  if (x.type === "Hash") return own.map((i) => [i.hash, word("Kind", i.kind) + " · " + i.seq]);
  return null;
}

/** @param {string} name @param {string[][]} list @param {string[]} was @returns {Any} */
function checks(name, list, was = []) {
  const boxes = list.map(([v]) => /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", checked: was.includes(v), value: v })));
  return {
    el: h("fieldset", { class: "field" }, h("legend", {}, name), list.length ? list.map(([, text], i) => h("label", { class: "check" }, boxes[i], " ", text)) : h("p", { class: "sub" }, t("phone.none"))),
    get: () => list.map(([v]) => v).filter((_, i) => boxes[i].checked),
  };
}

/** @param {Mission} m @param {string} name @param {import("./record.js").Member} x @param {any[]} was @param {import("./record.js").Item[]} own @returns {Any} */
function many(m, name, x, was = [], own = []) {
  /** @type {Any[]} */
  const items = [];
  const box = h("div", {});
  const add = (/** @type {any} */ v) => {
    const o = object(m, x.type, v, own);
    items.push(o);
    const item = h("div", { class: "panel" }, o.el, button(t("phone.remove"), () => {
      items.splice(items.indexOf(o), 1);
      item.remove();
    }, { class: "plain" }));
    box.append(item);
  };
  was.forEach(add);
  return { el: h("fieldset", { class: "field" }, h("legend", {}, name), box, button(t("phone.add"), () => add(null), { class: "plain" })), get: () => items.map((i) => i.get()) };
}
