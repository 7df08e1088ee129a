// A page that opens restricted data to a session comes with the records in the log that say so.
// This module holds them against what the page opens, and covers the page where one is missing
// or its proof does not hold. Until then the page's content is not shown.

import { refuse, utf8 } from "../check/bytes.js";
import { LEVELS } from "../check/card.js";
import { leafOf } from "../check/leaf.js";
import { parsePolicy } from "../check/policy.js";
import { checkReceipt, parseReceipt } from "../check/receipt.js";
import { facts, parseLine } from "../check/record.js";

/**
 * @typedef {{mission: string, log: string, reader: string, level: string, entries: [number, number][] | null,
 *   parts: [string, string][] | null, disclosures: {record: string, proof: string}[] | null}} Data
 */

/** The log of a mission as this browser knows it from before, if it does. @param {string} mission */
function known(mission) {
  for (const store of [() => localStorage, () => sessionStorage]) {
    try {
      const kept = JSON.parse(store().getItem("corridor.known." + mission) ?? "null");
      if (kept) return kept.log;
    } catch {} // this browser keeps nothing
  }
  return null;
}

/**
 * What the traces of a page tell, or the rule that one of them breaks.
 * @param {Data} data
 */
async function told(data) {
  const before = known(data.mission), policy = parsePolicy(`log ${data.log}\nquorum none\n`);
  if (before && before !== data.log) refuse("card.log");
  const list = [];
  for (const d of data.disclosures ?? []) {
    const r = parseLine(utf8(d.record)), f = facts(r);
    if (r.header.kind !== "disclosure" || r.header.mission !== data.mission || !f) refuse("disclosure.kind");
    await checkReceipt(parseReceipt(d.proof), utf8(leafOf(r)), policy);
    list.push(f);
  }
  return list;
}

/**
 * Checks that everything a page opens is told of.
 * @param {Data} data
 */
export async function checkTrace(data) {
  const list = await told(data), rank = LEVELS.indexOf(data.level);
  for (const [hash, part] of data.parts ?? []) {
    if (!list.some((f) => f.reads.some((/** @type {any} */ o) => o.reader === data.reader && o.part === part && o.records.includes(hash)))) refuse("disclosure.part");
  }
  const ranges = list.flatMap((f) => f.exports).filter((x) => x.reader === data.reader && LEVELS.indexOf(x.level) >= rank);
  for (const [from, to] of data.entries ?? []) {
    for (let at = from; at < to; ) {
      const x = ranges.find((r) => r.from <= at && at < r.to) ?? refuse("disclosure.range");
      at = x.to;
    }
  }
}

async function check() {
  const main = document.querySelector("main"), data = document.getElementById("trace-data"), cover = document.getElementById("untraced");
  if (!main || !(cover instanceof HTMLTemplateElement)) return;
  try {
    if (!data) refuse("disclosure.none");
    await checkTrace(JSON.parse(/** @type {HTMLElement} */ (data).textContent ?? ""));
  } catch (e) {
    if (/** @type {any} */ (e).rule !== "browser.ed25519") { // a browser that cannot check shows what it was given
      main.replaceChildren(cover.content.cloneNode(true));
      main.dataset.covered = /** @type {any} */ (e).rule ?? "";
    }
  }
  delete main.dataset.traced;
}

document.addEventListener("shown", check); // parts of the page were put in the place of others
check();
