// How the app looks and speaks: no secret, and the same before and behind the lock.

import { choice, h } from "./dom.js";
import { lang, LANGUAGES, speak, t } from "./words.js";

/** A row of languages and themes, before anybody is enrolled. @param {() => void} again */
export const looks = (again) => h("div", { class: "looks" },
  LANGUAGES.length > 1 ? choice(t("phone.language"), LANGUAGES.map((l) => /** @type {[string, string]} */ ([l.code, l.name])), lang, (l) => speak(l).then(again)) : null,
  choice(t("phone.theme"), ["auto", "light", "dark", "night"].map((x) => /** @type {[string, string]} */ ([x, t("theme." + x)])), localStorage.getItem("theme") ?? "auto", wear));

/** Wears a theme. @param {string} theme */
export function wear(theme) {
  localStorage.setItem("theme", theme);
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

