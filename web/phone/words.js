// The words of the app, from the mission's catalogues, and numbers as people type them.

/** @typedef {{code: string, dir: string, name: string}} Language */

/** @type {Language[]} */
export const LANGUAGES = (document.querySelector('meta[name="languages"]')?.getAttribute("content") ?? "en:ltr:English").split(" ")
  .map((l) => l.split(":")).map(([code, dir, name]) => ({ code, dir, name }));

/** @type {Record<string, string | Record<string, string>>} */
let messages = {};
export let lang = "en";

/** Reads the words of a language, that of the device if none was chosen. @param {string} [chosen] */
export async function speak(chosen) {
  const wanted = [chosen, localStorage.getItem("lang"), ...navigator.languages].map((l) => (l ?? "").slice(0, 2));
  const l = wanted.map((w) => LANGUAGES.find((x) => x.code === w)).find((x) => x) ?? LANGUAGES[0];
  messages = await (await fetch(new URL(`./words.${l.code}.json`, import.meta.url))).json();
  lang = l.code;
  document.documentElement.lang = l.code;
  document.documentElement.dir = l.dir;
  if (chosen) localStorage.setItem("lang", l.code);
}

/** A message with its {places} filled; n chooses the plural. @param {string} key @param {Record<string, string | number>} [args] */
export function t(key, args = {}) {
  let m = messages[key] ?? key;
  if (typeof m !== "string") m = m["=" + args.n] ?? m[new Intl.PluralRules(lang).select(Number(args.n ?? 0))] ?? m.other;
  return m.replace(/\{([a-z]+)\}/g, (all, name) => (name in args ? String(args[name]) : all));
}

/** @param {string} key */
export const has = (key) => key in messages;

/** The group of the catalogue that has a closed list's words. @type {Record<string, string>} */
const GROUPS = { Unit: "unit-name", Part: "named-as", Sharpness: "sharp", Stand: "act", TranslatedPart: "part" };

/** A code of a closed list in words. @param {string} list @param {string} code */
export function word(list, code) {
  const group = GROUPS[list] ?? list.replace(/(?!^)[A-Z]/g, "-$&").toLowerCase();
  return has(group + "." + code) ? t(group + "." + code) : code.replaceAll("-", " ");
}

/** A label of the mandate in the reader's language. @param {{lang: string, text: string}[]} label */
export const labelled = (label) => (label.find((w) => w.lang === lang) ?? label[0])?.text ?? "";

/** Digits of any script as ASCII; everything else as it is. @param {string} s */
export const digits = (s) => s.replace(/\p{Nd}/gu, (d) => {
  const c = d.codePointAt(0) ?? 0;
  if (c >= 0x1d7ce && c <= 0x1d7ff) return String((c - 0x1d7ce) % 10);
  return String(/\p{Nd}/u.test(String.fromCodePoint(c & ~15)) ? c & 15 : (c & 15) - 6);
});

/** A whole number that was typed, in any script, with or without marks between thousands; null if it is none. @param {string} s */
export function numberOf(s) {
  const d = digits(s).replace(/[\s.,٬،'’]/g, "");
  return /^\d{1,9}$/.test(d) ? Number(d) : null;
}

/** The time of day of a moment, in the mission's zone. @param {string} at @param {{name: string} | undefined} [zone] @param {boolean} [day] @param {boolean} [named] with the zone */
export function clock(at, zone, day = false, named = false) {
  /** @type {Intl.DateTimeFormatOptions} */
  const f = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", numberingSystem: "latn", ...(day ? { day: "numeric", month: "short" } : {}), ...(named ? { timeZoneName: "shortOffset" } : {}) };
  try {
    return new Intl.DateTimeFormat(lang, { ...f, timeZone: zone?.name }).format(new Date(at));
  } catch {
    return new Intl.DateTimeFormat(lang, { ...f, timeZone: "UTC" }).format(new Date(at)) + " UTC";
  }
}
