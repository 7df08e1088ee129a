// check.html: whoever opens it from a stick checks what they were handed, with no network.

import { checkBundle, ruleOf } from "./bundle.js";
import { checkFile, kindOf, readLeaf } from "./file.js";

/** @typedef {{name: string, blob: Blob, kind: import("./file.js").Kind, found?: import("./file.js").Found, under?: string}} Item */

/** @param {string} id @returns {any} */
const at = (id) => document.getElementById(id);
/** @type {Record<string, Record<string, string>>} */
const words = JSON.parse(at("words").textContent);
/** @type {Item[]} */
let items = [];
let lang = /^ar/.test(navigator.language) ? "ar" : "en";
let running = Promise.resolve();

/** A sentence of the page in its language. @param {string} key @param {Record<string, string | number>} [says] @returns {string} */
const say = (key, says = {}) => (words[lang][key] ?? key).replace(/\{(\w+)\}/g, (_, n) => `\u2068${says[n] ?? ""}\u2069`);

/** What a rule means, in general if not by its own name. @param {string} rule */
const meaning = (rule) => words[lang]["rule." + rule] ?? words[lang]["rule." + rule.split(".")[0]] ?? say("rule");

/** @param {Node} parent @param {string} tag @param {string} [text] @param {Record<string, string>} [attributes] */
function put(parent, tag, text = "", attributes = {}) {
  const e = parent.appendChild(document.createElement(tag));
  e.textContent = text;
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  return e;
}

const marks = { holds: "h", "does not hold": "x", "cannot be checked here": "c" };

/** @param {Node} parent @param {import("./file.js").State} state @param {string} text */
function verdict(parent, state, text) {
  const p = put(parent, "p", "", { class: "v " + marks[state] });
  put(p, "span", { h: "✓", x: "✗", c: "?" }[marks[state]], { "aria-hidden": "true" });
  put(p, "strong", text + (text && ": ") + say("state." + marks[state]));
  return p;
}

/** @param {Node} parent @param {{index?: number, hash?: string, rule: string}} p */
function reason(parent, p) {
  const li = put(parent, "li", (p.index ?? -1) < 0 ? "" : say("entry", { n: /** @type {number} */ (p.index) }) + " ");
  put(li, "span", meaning(p.rule) + " ");
  put(li, "code", p.rule + (p.hash ? " " + p.hash.slice(0, 8) : ""));
}

/** @param {Node} parent @param {import("./card.js").Card} card @param {string} key */
function spell(parent, card, key) {
  put(parent, "p", say(key));
  const list = put(parent, "ol", "", { class: "words", dir: "ltr", lang: "en" });
  for (const w of card.words) put(list, "li", w);
}

/** @param {Item} item */
function show(item) {
  const box = put(at("results"), "article"), f = item.found;
  put(box, "h3", say("kind." + item.kind) + " · \u2068" + item.name + "\u2069");
  if (!f) return void put(box, "p", say("running"));
  const b = f.bundle;
  if (!b) {
    verdict(box, f.state, "");
    if (item.kind === "proof" ? f.state === "holds" : f.says.size || f.says.hash || f.card) put(box, "p", say(item.kind === "proof" ? "proof." + f.says.what : "says." + item.kind, f.says));
    if (f.rule) reason(put(box, "ul"), f);
    if (f.card) spell(box, f.card, item.kind === "card" ? "words" : "words.own");
    return;
  }
  if (!b.given) put(box, "p", say("own"), { class: "v c" });
  for (const c of b.claims) {
    verdict(box, c.state, say("claim." + c.name));
    if (c.name === "log" && !c.bads) put(box, "p", say(b.by.length ? "says.log" : "says.alone", { n: b.size, by: b.by.join(", "), covered: b.covered }));
    if (c.name === "authority") put(box, "p", say("says.authority", { n: b.signatures, of: b.size }));
    if (c.name === "reports" && b.reports && !c.bads) put(box, "p", say("says.reports", { n: b.incidents, of: b.reports }));
    const list = put(box, "ul");
    /** @type {Record<string, number>} */
    const told = {}; // two of a rule say enough
    const shown = [...c.bad, ...c.open].filter((p) => (told[p.rule] = (told[p.rule] ?? 0) + 1) < 3);
    for (const p of shown) reason(list, p);
    if (b.sealed && !c.bads) put(list, "li", say("sealed", { n: b.sealed }));
    const more = c.bads + c.opens - shown.length;
    if (more) put(list, "li", say("more", { n: more }));
  }
  if (b.card && !b.given) spell(box, b.card, "words.own");
}

/** Shows everything anew, in the page's language. */
function render() {
  document.documentElement.lang = lang;
  document.documentElement.dir = lang === "ar" ? "rtl" : "ltr";
  document.title = say("title");
  for (const e of document.querySelectorAll("[data-t]")) e.textContent = say(/** @type {HTMLElement} */ (e).dataset.t ?? "");
  for (const e of document.querySelectorAll("[data-lang]")) e.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (e).dataset.lang === lang));
  at("results").textContent = "";
  for (const item of items) show(item);
  at("found").hidden = !items.length;
}

/** @param {Blob} blob */
async function* pieces(blob) {
  for (let i = 0; i < blob.size; i += 1 << 20) yield new Uint8Array(await blob.slice(i, i + (1 << 20)).arrayBuffer());
}

/** @param {Blob} blob */
const bytes = async (blob) => new Uint8Array(await blob.slice(0, 1 << 26).arrayBuffer());

/** Checks what is there: the card first, then bundles, which give keys, then the rest. */
async function check() {
  /** @type {import("./file.js").Known} */
  const known = { card: null, keys: new Map(), mission: "", leaves: [] };
  const order = ["card", "bundle", "leaf", "record", "receipt", "checkpoint", "proof", "none"];
  for (const item of [...items].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))) {
    const { kind, blob } = item;
    if (kind === "bundle") {
      const under = known.card?.words.join() ?? "";
      if (!item.found || item.under !== under) {
        const bar = at("bar");
        bar.hidden = false;
        try {
          const bundle = await checkBundle(pieces(blob), known.card, (done, of) => ((bar.value = done), (bar.max = of)));
          item.found = { kind, state: "holds", rule: "", says: {}, bundle };
        } catch (e) {
          item.found = { kind, state: "does not hold", rule: ruleOf(e), says: {} };
        }
        item.under = under;
        bar.hidden = true;
      }
      for (const [name, k] of item.found.bundle?.keys ?? []) known.keys.set(name, k);
      known.mission ||= item.found.bundle?.mission ?? "";
    } else {
      const b = await bytes(blob);
      item.found = await checkFile(kind, b, known);
      if (kind === "card") known.card = item.found.card ?? known.card;
      else if (item.found.state !== "does not hold" && (kind === "record" || kind === "leaf")) known.leaves.push(readLeaf(kind, b));
    }
    render();
  }
  at("status").textContent = say("done", { n: items.length });
}

/** @param {{name: string, blob: Blob}[]} list */
function take(list) {
  running = running.then(async () => {
    at("status").textContent = say("running");
    for (const x of list) {
      const kind = kindOf(await x.blob.slice(0, 400).text());
      if (kind === "card") items = items.filter((i) => i.kind !== "card"); // the newest card is the one
      items.push({ ...x, kind });
    }
    render();
    await check();
  });
}

/** @param {FileList | null | undefined} files */
const files = (files) => take(Array.from(files ?? [], (f) => ({ name: f.name, blob: f })));

at("files").addEventListener("change", (/** @type {any} */ e) => {
  files(e.target.files);
  e.target.value = "";
});
document.addEventListener("dragover", (e) => e.preventDefault());
document.addEventListener("drop", (e) => {
  e.preventDefault();
  files(e.dataTransfer?.files);
});
at("go").addEventListener("click", () => {
  const text = at("text").value;
  // Every format here ends in a line feed, and whoever copies loses it.
  if (text.trim()) take([{ name: say("pasted"), blob: new Blob([text.endsWith("\n") ? text : text + "\n"]) }]);
  at("text").value = "";
});
at("clear").addEventListener("click", () => {
  items = [];
  at("status").textContent = "";
  render();
  at("files").focus();
});
for (const e of document.querySelectorAll("[data-lang]")) {
  e.addEventListener("click", () => {
    lang = /** @type {HTMLElement} */ (e).dataset.lang ?? lang;
    render();
  });
}
render();
