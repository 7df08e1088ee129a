// The desk of a party's own server: makes the key, shows exactly what it will sign, signs it.
// The bytes that are signed are hashed here, from the draft that stands on the page.

import { hex, Refused, textOf, unhex } from "../check/bytes.js";
import { WORDS } from "../check/words.js";
import * as keep from "./keep.js";
import { fingerprint, header, leaves, moment, nonce, parseDraft, prove, sign } from "./sign.js";

/** @param {ParentNode} at @param {string} what @returns {HTMLElement} */
const find = (at, what) => {
  const e = at.querySelector(what);
  if (!(e instanceof HTMLElement)) throw new Error("the page has no " + what);
  return e;
};

const at = /** @type {HTMLElement} */ (document.querySelector("#key, #sign"));
const { mission = "", origin = "", by = "" } = at.dataset;
const exercise = at.dataset.exercise !== undefined;
const name = mission + " " + by;

/** @param {unknown} e */
const failed = (e) => {
  const said = find(at, "[data-error]");
  said.textContent = e instanceof Refused ? e.rule : e instanceof Error ? e.message : String(e);
  said.hidden = false;
};

/** @param {string} state */
const show = (state) => at.querySelectorAll("[data-state]").forEach((e) => { /** @type {HTMLElement} */ (e).hidden = e.getAttribute("data-state") !== state; });

/** How the log has a key of this office. @param {string} key @returns {Promise<{enrolled: boolean, seq: number, last: string | null}>} */
async function standing(key) {
  const answer = await fetch("/desk/key/" + key, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error((await answer.json()).detail ?? String(answer.status));
  return answer.json();
}

/**
 * Hands a signed record over. It is kept until the log has it or has refused it.
 * @param {{hash: string, line: string}} r @returns {Promise<{logged: boolean, refused: boolean, reason: string}>}
 */
async function submit(r) {
  let answer, said;
  try {
    answer = await fetch("/api/v1/records", { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: r.line + "\n" });
    said = await answer.json();
  } catch (e) {
    return { logged: false, refused: false, reason: e instanceof Error ? e.message : "" };
  }
  const logged = answer.status === 200 || answer.status === 201;
  if (logged || answer.status === 422) await keep.sent(r.hash);
  return { logged, refused: answer.status === 422, reason: [said.detail ?? said.reason, said.rule].filter(Boolean).join(" · ") };
}

/** @param {keep.Pair | undefined} p */
async function state(p) {
  if (!p) return show("none");
  const key = fingerprint(p.pub);
  const print = at.querySelector("[data-print]");
  if (print instanceof HTMLElement) {
    find(print, "[data-fingerprint]").textContent = key;
    find(print, "[data-words]").textContent = Array.from(unhex(key).subarray(0, 10), (b) => WORDS[b]).join(" ");
    print.hidden = false;
  }
  const { enrolled } = await standing(key);
  if (!enrolled && at.id === "key") {
    const form = /** @type {HTMLFormElement} */ (find(at, "form"));
    /** @type {HTMLInputElement} */ (find(form, '[name="facts.key.key"]')).value = hex(p.pub);
    /** @type {HTMLInputElement} */ (find(form, '[name="facts.key.proof"]')).value = await prove(p.privateKey, p.pub, exercise, origin, mission);
  }
  show(enrolled ? "enrolled" : "made");
}

/** The page of the desk: make a key, and send again what was not logged. */
async function desk() {
  find(at, "[data-make]").addEventListener("click", () => keep.make(name).then(state).catch(failed));
  const waiting = await keep.unsent();
  if (!waiting.length) return;
  const list = find(at, "[data-unsent] ul");
  find(at, "[data-unsent]").hidden = false;
  for (const r of waiting) {
    const item = document.createElement("li");
    const what = document.createElement("code");
    what.textContent = r.kind + " " + r.hash.slice(0, 16);
    item.append(what);
    list.append(item);
    const became = await submit(r);
    if (became.logged) item.append(" ✓");
    else item.append(" " + became.reason, " ", file(document.createElement("a"), r));
  }
}

/** @param {HTMLAnchorElement} a @param {{hash: string, line: string}} r */
function file(a, r) {
  a.href = URL.createObjectURL(new Blob([r.line + "\n"], { type: "application/x-ndjson" }));
  a.download = r.hash.slice(0, 16) + ".record";
  a.textContent ||= a.download;
  return a;
}

/** What was typed and does not stand in what would be signed. @param {string[]} said @param {[string, string][]} typed */
const lost = (said, typed) => typed.filter(([n, v]) =>
  !/^\d{4}-\d\d-\d\d[ T]/.test(v.trim()) && !v.split("\n").every((l) => !l.trim() || said.includes(l.trim()) || said.includes(v.trim().replaceAll("\r\n", "\n"))) && !n.endsWith(".n"));

/** The page of a draft: show what will be signed, and sign it. @param {keep.Pair | undefined} p */
async function draft(p) {
  if (!p) return;
  const d = parseDraft(find(document, "#draft code").textContent ?? "");
  if (d.mission !== mission || d.by !== by || d.exercise !== exercise) throw new Error("the draft is for another office or mission");
  const key = fingerprint(p.pub);
  /** @type {Uint8Array | undefined} */
  let raw;
  /** @type {keep.Chain} */
  let before;

  const build = async () => {
    const logged = await standing(key), own = await keep.chain(key);
    before = logged.seq > own.seq ? { seq: logged.seq, last: logged.last } : own;
    return header(d, { key, seq: before.seq + 1, prev: before.last, at: moment(new Date()), nonce: nonce() });
  };

  find(at, "[data-show]").addEventListener("click", () => keep.alone(async () => {
    raw = await build();
    const shown = find(at, "[data-shown]"), list = find(at, "[data-read]");
    find(at, "[data-header]").textContent = textOf(raw) + "\n" + d.parts.map((q) => q.text).join("\n");
    const said = d.parts.flatMap((q) => leaves(JSON.parse(q.text)).map(([n, v]) => /** @type {[string, string]} */ ([q.name + "." + n, v])));
    list.replaceChildren(...said.filter(([n, v]) => v && !/^\w+\.(id|part|nonce)$/.test(n)).map(([n, v]) => {
      const row = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd"), bdi = document.createElement("bdi");
      dt.textContent = n;
      bdi.textContent = v;
      dd.append(bdi);
      row.append(dt, dd);
      return row;
    }));
    /** @type {[string, string][]} */
    const typed = JSON.parse(sessionStorage.getItem("corridor-desk typed") ?? "[]");
    const gone = lost(said.map(([, v]) => v.replaceAll("\r\n", "\n")), typed);
    find(at, "[data-sign]").hidden = gone.length > 0;
    find(at, "[data-filled]").hidden = gone.length === 0;
    find(at, "[data-names]").textContent = gone.map(([n]) => n).join(", ");
    shown.hidden = false;
    find(shown, "h3").focus();
  }).catch(failed));

  find(at, "[data-sign]").addEventListener("click", () => keep.alone(async () => {
    const own = await keep.chain(key);
    if (!raw || own.seq > before.seq) throw new Error("another page has signed since; show what will be signed again");
    const r = await sign(p.privateKey, d, raw);
    raw = undefined; // one number, one record
    await keep.extend(key, { seq: before.seq + 1, last: r.hash }, { ...r, kind: d.kind });
    find(at, "[data-shown]").hidden = true;
    show("signed");
    const became = await submit(r);
    if (became.logged) {
      sessionStorage.removeItem("corridor-desk typed");
      /** @type {HTMLAnchorElement} */ (find(at, "[data-record]")).href = "/records/" + r.hash;
      find(at, "[data-logged]").hidden = false;
      return;
    }
    if (became.refused) throw new Error(became.reason);
    find(at, "[data-reason]").textContent = became.reason;
    file(/** @type {HTMLAnchorElement} */ (find(at, "[data-file]")), r);
    find(at, "[data-later]").hidden = false;
  }).catch(failed));
}

try {
  if (await keep.possible()) {
    const p = await keep.pair(name);
    await (at.id === "key" ? desk() : draft(p));
    await state(p);
  } else {
    show("impossible");
  }
} catch (e) {
  failed(e);
}
