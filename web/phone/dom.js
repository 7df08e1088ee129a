// Elements, screens and what is said aloud. Text is always text: nothing here reads mark-up.

import { t } from "./words.js";

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * An element with attributes, listeners (on…) and children.
 * @param {string} tag @param {Record<string, any>} [props] @param {...(Child | Child[])} children @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (v === null || v === undefined || v === false) continue;
    if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
    else if (k === "value") /** @type {HTMLInputElement} */ (e).value = v;
    else e.setAttribute(k, v === true ? "" : String(v));
  }
  for (const c of children.flat()) if (c || c === "") e.append(c);
  return e;
}

/** @param {string} text @param {(e: Event) => unknown} act @param {Record<string, any>} [props] */
export const button = (text, act, props = {}) => h("button", { type: "button", onclick: (/** @type {Event} */ e) => once(/** @type {HTMLButtonElement} */ (e.currentTarget), () => act(e)), ...props }, text);

/** Runs what a button does, once at a time, and says what went wrong. @param {HTMLButtonElement} b @param {() => unknown} act */
async function once(b, act) {
  if (b.getAttribute("aria-busy")) return;
  b.setAttribute("aria-busy", "true");
  try {
    await act();
  } catch (e) {
    trouble(e);
  } finally {
    b.removeAttribute("aria-busy");
  }
}

/** What the page does when it leaves a screen. @type {() => void} */
let leaving = () => {};
/** The screen before this one. @type {(() => unknown) | null} */
let behind = null;

/**
 * Shows a screen. The address never changes: a history of screens would tell a night.
 * @param {string} name @param {Child[]} children @param {{back?: () => unknown, left?: () => void}} [o]
 */
export function show(name, children, o = {}) {
  leaving();
  leaving = o.left ?? (() => {});
  behind = o.back ?? null;
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  main.dataset.screen = name;
  main.replaceChildren(...children.filter((c) => c !== null && c !== undefined && c !== false).map((c) => /** @type {Node | string} */ (c)));
  if (o.back) main.prepend(h("p", { class: "back" }, button(t("phone.back"), () => behind?.(), { class: "plain", "data-back": true })));
  window.scrollTo(0, 0);
  const title = main.querySelector("h1");
  if (title) {
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }
  return main;
}

/** Keeps the device's own button on the page, and takes it for the one that leads back. */
export function holdBack() {
  history.pushState(null, "");
  addEventListener("popstate", () => {
    history.pushState(null, "");
    behind?.();
  });
}

/** Something that a person has to read: an error in the words of the page. */
export class Said extends Error {
  /** @param {string} key @param {Record<string, string | number>} [args] */
  constructor(key, args) {
    super(t(key, args));
    this.key = key;
  }
}

/** @param {unknown} e */
export function trouble(e) {
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  main.querySelector(".trouble")?.remove();
  const p = h("p", { class: "notice n-fails trouble", role: "alert", tabindex: -1 }, e instanceof Error ? e.message : String(e));
  (main.querySelector("h1") ?? main.firstElementChild ?? main).after(p);
  p.focus();
  if (!(e instanceof Said)) console.info(e);
}

/** A labelled control. @param {string} label @param {HTMLElement} control @param {string} [hint] */
export function field(label, control, hint) {
  control.id ||= "i" + Math.random().toString(36).slice(2);
  if (hint) control.setAttribute("aria-describedby", control.id + "h");
  return h("div", { class: "field" }, h("label", { for: control.id }, label), hint ? h("p", { class: "hint", id: control.id + "h" }, hint) : null, control);
}

/** One answer of several, as large buttons of which one is pressed. @template T @param {string} label @param {[T, string][]} list @param {T} taken @param {(v: T) => void} took @param {string} [name] */
export function choice(label, list, taken, took, name) {
  const buttons = list.map(([v, text]) => h("button", {
    type: "button", class: "option", "aria-pressed": String(v === taken), "data-value": v,
    onclick: () => {
      buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(list[i][0] === v)));
      took(v);
    },
  }, text));
  return h("div", { class: "field choices", role: "group", "aria-label": label, "data-name": name }, h("p", { class: "label" }, label), h("div", { class: "options" }, buttons));
}
