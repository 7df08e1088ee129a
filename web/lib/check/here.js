// What a server's page says of its own log, checked by the browser that shows it. Whoever
// serves the page serves this too: check.html from somebody else is worth more.

import { equal, hex, refuse, Refused, utf8 } from "./bytes.js";
import { parseCard } from "./card.js";
import { parseCheckpoint } from "./note.js";
import { checkSigned } from "./policy.js";
import { consistency, parseEntries, placeOf, tilePath } from "./tile.js";
import { continues, fold, leafHash, peaks, Tree } from "./tree.js";

/** @typedef {import("./policy.js").Signed} Signed */
/** @typedef {{log: string, checkpoint: string, since: string}} Kept what this browser saw of a mission, and when first */

/** As large a log is read whole; of a larger one only what shows that it continues. */
const WHOLE = 4096n;

/** @param {string} path */
async function get(path) {
  const answer = await fetch(path, { cache: "no-cache" });
  if (!answer.ok) throw new Error(path + ": " + answer.status);
  return new Uint8Array(await answer.arrayBuffer());
}

/** @param {string} path */
const getText = async (path) => new TextDecoder().decode(await get(path));

/** A tile of a tree of a size: hashes, or at level -1 entries. @param {number} level @param {bigint} n @param {bigint} size */
const tile = (level, n, size) => get("/" + tilePath(level, n, size));

/**
 * The hashes of ranges of leaves, worked out of tiles.
 * @param {[bigint, bigint][]} ranges @param {bigint} size
 */
async function ranged(ranges, size) {
  /** @type {Map<string, Promise<Uint8Array>>} */
  const tiles = new Map();
  const at = async (/** @type {[number, bigint]} */ peak) => {
    const p = placeOf(peak), name = tilePath(p.level, p.tile, size);
    if (!tiles.has(name)) tiles.set(name, get("/" + name));
    const b = await /** @type {Promise<Uint8Array>} */ (tiles.get(name));
    if (b.length < 32 * (p.from + p.count)) refuse("checkpoint.root");
    let list = Array.from({ length: p.count }, (_, i) => b.subarray(32 * (p.from + i), 32 * (p.from + i + 1)));
    while (list.length > 1) list = list.flatMap((h, i) => (i % 2 ? [] : [fold([h, list[i + 1]])]));
    return list[0];
  };
  return Promise.all(ranges.map(async ([a, b]) => fold(await Promise.all(peaks(a, b).map(at)))));
}

/** Where a mission is remembered: an exercise is begun again, and only this tab remembers it. @param {boolean} exercise */
function memory(exercise) {
  try {
    return exercise ? sessionStorage : localStorage;
  } catch {
    return null; // this browser keeps nothing
  }
}

/**
 * Checks that the log is the one that was signed, and continues what this browser saw before.
 * @returns {Promise<{say: string, n: string, since: string, signed: Signed, card: import("./card.js").Card, leaves: Uint8Array[] | null}>}
 */
export async function checkLog() {
  const card = parseCard(await getText("/mission.card"));
  const text = await getText("/checkpoint");
  const signed = await checkSigned(card.under, text);
  const store = memory(card.exercise), name = "corridor.known." + card.mission;
  /** @type {Kept | null} */
  let kept = null;
  try {
    kept = JSON.parse(store?.getItem(name) ?? "null");
  } catch {}
  const old = kept && parseCheckpoint(kept.checkpoint);
  let n = signed.size, leaves = null;
  try {
    if (kept && old) {
      if (kept.log !== card.log) refuse("card.log");
      if (old.size > n) refuse("known.size");
      const proof = await ranged(consistency(old.size, n), n);
      if (!continues(old.size ? proof : [], n, signed.root, old.size, old.root)) refuse("known.root");
    }
    if (n <= WHOLE) {
      const tree = new Tree();
      leaves = [];
      for (let k = 0n; k * 256n < n; k++) {
        const b = await tile(0, k, n);
        for (let i = 0; i < b.length; i += 32) {
          leaves.push(b.subarray(i, i + 32));
          tree.add(leaves[leaves.length - 1]);
        }
      }
      if (BigInt(tree.size) !== n || !equal(tree.root(tree.size), signed.root)) refuse("checkpoint.root");
    } else if (!equal((await ranged([[0n, n]], n))[0], signed.root)) refuse("checkpoint.root");
  } catch (e) {
    if (e instanceof Refused && kept) e.detail = kept.checkpoint;
    throw e;
  }
  const since = kept?.since ?? new Date().toISOString().slice(0, 19) + "Z";
  try {
    store?.setItem(name, JSON.stringify({ log: card.log, checkpoint: text, since }));
  } catch {}
  return { say: kept ? "since" : leaves ? "first" : "newest", n: String(n), since, signed, card, leaves };
}

/** Checks that a record is in the log, and of a report that it lists every incident of its range. @param {string} hash */
async function checkRecord(hash) {
  const log = await checkLog();
  const [{ readRecord }, { leafOf, parseLeaf }, { checkReceipt, parseReceipt }, { facts }] = await Promise.all([import("./file.js"), import("./leaf.js"), import("./receipt.js"), import("./record.js")]);
  const body = await get("/api/v1/records/" + hash);
  const answer = JSON.parse(new TextDecoder().decode(body));
  const rec = answer.record && readRecord(body);
  if (parseLeaf(answer.leaf).hash !== hash || (rec && (rec.hash !== hash || leafOf(rec) !== answer.leaf))) refuse("entry.leaf");
  const receipt = parseReceipt(await getText("/api/v1/records/" + hash + "/receipt"));
  const s = await checkReceipt(receipt, utf8(answer.leaf), log.card.under);
  const proof = s.size > log.signed.size ? [] : await ranged(consistency(s.size, log.signed.size), log.signed.size);
  if (!continues(proof, log.signed.size, log.signed.root, s.size, s.root)) refuse("checkpoint.root");
  const says = { ...log, say: "record", index: String(receipt.index), incidents: "" };
  const f = rec?.header.kind === "report" ? facts(rec) : null;
  const to = f && BigInt(f.to), { leaves } = log;
  if (!f || !leaves || to > log.signed.size) return says;
  const tree = new Tree();
  for (const h of leaves.slice(0, f.to)) tree.add(h);
  if (hex(tree.root(f.to)) !== f.root) refuse("report.root");
  /** @type {string[]} */
  const want = [];
  for (let k = BigInt(f.from) / 256n; k * 256n < to; k++) {
    parseEntries(await tile(-1, k, log.signed.size)).forEach((b, i) => {
      const at = Number(k) * 256 + i;
      if (!equal(leafHash(b), leaves[at] ?? b)) refuse("checkpoint.root");
      const leaf = parseLeaf(new TextDecoder().decode(b));
      if (at >= f.from && at < f.to && leaf.class === "incident") want.push(leaf.hash);
    });
  }
  if (f.sections[0].name !== "incidents" || want.join() !== f.sections[0].records.join()) refuse("report.omits");
  return { ...says, say: "report", incidents: String(want.length) };
}

/** Says on the page what was found. @param {HTMLElement} box */
async function tell(box) {
  const say = (/** @type {string} */ key, /** @type {Record<string, string>} */ says = {}) =>
    (box.dataset[key] ?? "").replace(/\{(\w+)\}/g, (_, n) => `\u2068${says[n] ?? ""}\u2069`);
  const put = (/** @type {string} */ tag, /** @type {string} */ text) => {
    const e = box.parentElement?.insertBefore(document.createElement(tag), box.nextSibling);
    if (e) e.textContent = text;
  };
  box.hidden = false;
  box.textContent = say("running");
  try {
    const found = await (box.dataset.hash ? checkRecord(box.dataset.hash) : checkLog());
    box.textContent = say(found.say, /** @type {any} */ (found));
    box.dataset.state = "holds";
  } catch (e) {
    const refused = e instanceof Refused && e.rule !== "browser.ed25519";
    box.textContent = say(refused ? "fails" : "unknown") + " (" + (e instanceof Refused ? e.rule : e instanceof Error ? e.message : e) + ")";
    box.dataset.state = refused ? "fails" : "unknown";
    if (refused && e.detail) {
      put("pre", e.detail);
      put("p", say("kept"));
    }
  }
}

const box = document.querySelector("[data-here]");
if (box instanceof HTMLElement) {
  tell(box);
  // What is put in the place of what was checked says what was found; the log is the same one.
  document.addEventListener("shown", () => {
    const other = document.querySelector("[data-here]");
    if (other && other !== box) other.replaceWith(box);
  });
}
