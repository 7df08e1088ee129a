// The pieces that forms are put together from. Each is what is shown and what it says.

import { moment } from "../lib/desk/sign.js";
import { choice, field, h, Said } from "./dom.js";
import { placeOf } from "./mission.js";
import { digits, labelled, lang, numberOf, t, word } from "./words.js";

/** @typedef {import("./mission.js").Mission} Mission */
/** @template T @typedef {{el: HTMLElement, get: () => T}} Piece */

/** The call-sign of a convoy: a leg and a number, or not known. @param {Mission} m @param {string | null} was @param {string[]} recent @returns {Piece<string | null> & {leg: () => string}} */
export function callSign(m, was, recent) {
  const letters = m.terms.legs.map((l) => l.letter);
  let letter = was?.[0] ?? letters[0] ?? "", unknown = false;
  const number = /** @type {HTMLInputElement} */ (h("input", { class: "tiny", inputmode: "numeric", autocomplete: "off", maxlength: 8, value: was?.slice(2) ?? "" }));
  const legs = choice(t("phone.leg"), m.terms.legs.map((l) => /** @type {[string, string]} */ ([l.letter, l.letter + " · " + labelled(l.label)])), letter, (l) => { letter = l; }, "leg");
  const not = h("button", {
    type: "button", class: "option", "aria-pressed": "false", "data-value": "unknown", onclick: () => {
      unknown = !unknown;
      not.setAttribute("aria-pressed", String(unknown));
      number.disabled = unknown;
    },
  }, t("phone.unknown"));
  const near = recent.map((c) => h("button", { type: "button", class: "option", dir: "ltr", "data-value": c, onclick: () => {
    number.value = c.slice(2);
    /** @type {HTMLElement | null} */ (legs.querySelector(`[data-value="${c[0]}"]`))?.click();
  } }, c));
  return {
    el: h("div", { class: "piece", "data-piece": "convoy" }, legs, field(t("phone.call"), number, t("phone.call.hint")), h("div", { class: "options" }, near, not)),
    leg: () => letter,
    get: () => {
      const n = digits(number.value.trim());
      if (unknown || n === "") return null; // a convoy whose call-sign nobody knows
      if (!/^\d{1,4}$/.test(n)) throw new Said("phone.trouble.call");
      return letter + "-" + n.padStart(2, "0");
    },
  };
}

/** Digits, marks and letters without accents, for finding a place however it is written. @param {string} s */
const plain = (s) => s.normalize("NFKD").replace(/\p{M}|[^\p{L}\p{N}]/gu, "").replace(/[أإآا]/g, "ا").replace(/ة/g, "ه").replace(/ى/g, "ي").toLowerCase();

/** A place of the mandate, found by any of its spellings. @param {Mission} m @param {string | null} was @param {string} [label] @returns {Piece<string | null>} */
export function place(m, was, label = t("phone.place")) {
  let taken = was;
  const find = /** @type {HTMLInputElement} */ (h("input", { type: "search", autocomplete: "off" }));
  const options = h("div", { class: "options" });
  const draw = () => {
    const asked = plain(find.value);
    const list = m.terms.places.filter((p) => !asked || [p.id, ...p.aliases, ...p.label.map((w) => w.text)].some((s) => plain(s).includes(asked)));
    const shown = asked ? list.slice(0, 8) : [...list.filter((p) => p.id === taken), ...list.filter((p) => p.id !== taken)].slice(0, 8);
    options.replaceChildren(...shown.map((p) => option(p.id, labelled(p.label))), option(null, t("phone.unknown")));
  };
  const option = (/** @type {string | null} */ id, /** @type {string} */ text) => h("button", {
    type: "button", class: "option", "aria-pressed": String(taken === id), "data-value": id ?? "unknown", onclick: () => {
      taken = id;
      find.value = "";
      draw();
    },
  }, h("bdi", {}, text));
  find.addEventListener("input", draw);
  draw();
  const now = taken && placeOf(m, taken);
  const el = h("details", { class: "piece", "data-piece": "place" }, h("summary", {}, label + t("colon") + " ", h("bdi", {}, now ? labelled(now.label) : t("phone.unknown"))),
    field(t("phone.place.find"), find, t("phone.place.hint")), options);
  options.addEventListener("click", () => {
    const p = taken && placeOf(m, taken);
    /** @type {HTMLElement} */ (el.querySelector("summary bdi")).textContent = p ? labelled(p.label) : t("phone.unknown");
  });
  return { el, get: () => taken };
}

/** When it happened: now, or so many minutes ago. @param {[string, string] | null} [was] @returns {Piece<[string, string]>} */
export function when(was) {
  /** @type {[number, string][]} */
  const list = [0, 5, 10, 20, 30, 60].map((n) => [n, n ? t("phone.ago", { n }) : t("phone.now")]);
  let ago = was ? -1 : 0;
  if (was) list.unshift([-1, t("phone.when.as")]);
  const el = h("details", { class: "piece", "data-piece": "when" }, h("summary", {}, t("phone.when") + t("colon") + " ", h("span", {}, list[0][1])),
    choice(t("phone.when"), list, ago, (n) => {
      ago = n;
      /** @type {HTMLElement} */ (el.querySelector("summary span")).textContent = list.find((x) => x[0] === n)?.[1] ?? "";
    }, "when"));
  return { el, get: () => {
    if (ago < 0 && was) return was;
    const at = moment(new Date(Date.now() - ago * 60000));
    return [at, at];
  } };
}

/** What it rests on. @param {string} was @returns {Piece<string>} */
export function basis(was = "observed") {
  let b = was;
  return { el: choice(t("phone.basis"), ["observed", "heard", "reported", "document"].map((x) => /** @type {[string, string]} */ ([x, word("Basis", x)])), b, (x) => { b = x; }, "basis"), get: () => b };
}

/** Words of her own, which feed no figure. @param {string} [was] @returns {Piece<any>} the narrative part, undefined if nothing is said */
export function note(was = "") {
  const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: 3, dir: "auto", maxlength: 4000, value: was, autocomplete: "off" }));
  return { el: field(t("phone.note"), area, t("phone.note.hint")), get: () => (area.value.trim() ? { lang, text: area.value.trim(), sources: [] } : undefined) };
}

const VEHICLES = ["bus", "ambulance", "private-vehicle", "vehicle"];

/** @param {string} unit @param {number} total @param {any} more */
const sum = (unit, total, more) => ({ unit, total, sharp: "exactly", cells: [], of_which: [], method: "tally", load: null, declared_by: null, cut_off: null, ...more });

/** A running tally: a tap for each vehicle, and people as far as they were counted. @param {any} [was] a count part @returns {Piece<any>} */
export function tally(was) {
  /** @type {Record<string, number>} */
  const n = Object.fromEntries(VEHICLES.map((u) => [u, was?.sums.find((/** @type {any} */ s) => s.unit === u)?.total ?? 0]));
  const people = was?.sums.find((/** @type {any} */ s) => s.unit === "people");
  let how = people?.method ?? "unknown", each = people?.load ?? 0, counted = people?.method === "tally" ? people.total : 0, about = people?.method === "estimate" ? people.total : null;
  const rows = VEHICLES.map((u) => {
    const out = h("output", { "data-count": u }, String(n[u]));
    const add = (/** @type {number} */ d) => {
      n[u] = Math.max(0, Math.min(9999, n[u] + d));
      out.textContent = String(n[u]);
      draw();
    };
    return h("div", { class: "row-tally" }, h("button", { type: "button", class: "tap", "data-add": u, onclick: () => add(1) }, "+ ", word("Unit", u)), out,
      h("button", { type: "button", class: "less", "data-less": u, "aria-label": t("phone.less", { what: word("Unit", u) }), onclick: () => add(-1) }, "−"));
  });
  const load = /** @type {HTMLInputElement} */ (h("input", { class: "tiny", inputmode: "numeric", autocomplete: "off", value: each || "" }));
  const guess = /** @type {HTMLInputElement} */ (h("input", { class: "tiny", inputmode: "numeric", autocomplete: "off", value: about ?? "" }));
  const one = h("output", { "data-count": "people" }, String(counted));
  const tap = (/** @type {number} */ d) => {
    counted = Math.max(0, counted + d);
    one.textContent = String(counted);
  };
  const says = h("p", { class: "sub", role: "status" });
  const vehicles = () => VEHICLES.reduce((a, u) => a + n[u], 0);
  const draw = () => {
    each = numberOf(load.value) ?? 0;
    says.textContent = how === "vehicle-load" && each ? t("phone.load.says", { vehicles: vehicles(), load: each, people: vehicles() * each }) : "";
  };
  load.addEventListener("input", draw);
  const panes = {
    "unknown": h("p", { class: "sub" }, t("phone.people.unknown")),
    "tally": h("div", { class: "row-tally" }, h("button", { type: "button", class: "tap", "data-add": "people", onclick: () => tap(1) }, "+ 1"), one,
      h("button", { type: "button", class: "less", "data-add": "ten", onclick: () => tap(10) }, "+10"), h("button", { type: "button", class: "less", "data-less": "people", "aria-label": t("phone.less", { what: word("Unit", "people") }), onclick: () => tap(-1) }, "−")),
    "vehicle-load": h("div", {}, field(t("phone.load"), load, t("phone.load.hint")), says),
    "estimate": field(t("phone.about"), guess, t("phone.about.hint")),
  };
  const pane = h("div", {}, panes[/** @type {"unknown"} */ (how)] ?? panes.unknown);
  draw();
  return {
    el: h("div", { class: "piece", "data-piece": "count" }, rows, choice(t("phone.people"), [["unknown", t("phone.unknown")], ["tally", t("phone.people.tally")], ["vehicle-load", t("phone.people.load")], ["estimate", t("phone.people.about")]], how, (v) => {
      how = v;
      pane.replaceChildren(panes[/** @type {"unknown"} */ (v)]);
      draw();
    }, "people"), pane),
    get: () => {
      const sums = VEHICLES.filter((u) => n[u] > 0).map((u) => sum(u, n[u], {}));
      const cells = (/** @type {number} */ x) => [{ of: "not-distinguished", n: x }];
      if (how === "tally") sums.unshift(sum("people", counted, { cells: cells(counted) }));
      if (how === "vehicle-load") {
        each = numberOf(load.value) ?? 0;
        if (!each || !vehicles()) throw new Said("phone.trouble.load");
        sums.unshift(sum("people", vehicles() * each, { sharp: "about", cells: cells(vehicles() * each), method: "vehicle-load", load: each }));
      }
      if (how === "estimate") {
        const x = numberOf(guess.value);
        if (x === null) throw new Said("phone.trouble.number");
        sums.unshift(sum("people", x, { sharp: "about", cells: cells(x), method: "estimate" }));
      }
      return { sums };
    },
  };
}
