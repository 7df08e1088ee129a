// A pad for a PIN, with keys that gloves can hit. It names nothing and nobody.

import { h, show, trouble } from "./dom.js";
import { t } from "./words.js";

/** @typedef {{title: string, lead: string, least: number, done: (pin: string) => unknown, back?: () => unknown, more?: (Node | null)[], seconds?: () => Promise<number>}} Pad */

/** @param {Pad} p */
export function pinPad(p) {
  let pin = "";
  const shown = h("output", { class: "pin", "aria-label": t("phone.pin.digits", { n: 0 }) });
  const draw = () => {
    shown.textContent = "●".repeat(pin.length);
    shown.setAttribute("aria-label", t("phone.pin.digits", { n: pin.length }));
  };
  let busy = false;
  const enter = async () => {
    if (busy || pin.length < p.least) return;
    busy = true;
    const given = pin;
    pin = "";
    draw();
    pad.classList.add("busy");
    try {
      await p.done(given);
    } catch (e) {
      trouble(e);
    } finally {
      busy = false;
      pad.classList.remove("busy");
    }
  };
  /** @param {string} d */
  const press = (d) => {
    if (busy) return;
    pin = d === "⌫" ? pin.slice(0, -1) : (pin + d).slice(0, 12);
    draw();
  };
  const key = (/** @type {string} */ d) => h("button", { type: "button", "data-digit": d, "aria-label": d === "⌫" ? t("phone.pin.erase") : null, onclick: () => press(d) }, d);
  const ok = h("button", { type: "button", "data-enter": true, onclick: enter, "aria-label": t("phone.pin.enter") }, "✓");
  const pad = h("div", { class: "pad", dir: "ltr", role: "group", "aria-label": p.title }, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "⌫", "0"].map(key), ok);
  /** @param {KeyboardEvent} e */
  const typed = (e) => {
    if (/^\d$/.test(e.key)) press(e.key);
    else if (e.key === "Backspace") press("⌫");
    else if (e.key === "Enter" && !(e.target instanceof HTMLButtonElement)) enter();
  };
  document.addEventListener("keydown", typed);
  show("pin", [h("h1", {}, p.title), p.lead ? h("p", { class: "lead" }, p.lead) : null, shown, pad, ...(p.more ?? [])], { back: p.back, left: () => document.removeEventListener("keydown", typed) });
}
