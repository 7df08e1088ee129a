// A log as it is served (c2sp.org/tlog-tiles): 256 hashes or entries to a tile.

import { refuse } from "./bytes.js";

/**
 * The path of a tile: of hashes at a level, or of entries at level -1. A tile that is not full
 * in a tree of the given size is named by its width.
 * @param {number} level @param {bigint} n @param {bigint} size
 */
export function tilePath(level, n, size) {
  const width = (size >> BigInt(8 * Math.max(level, 0))) - n * 256n;
  let path = String(n % 1000n).padStart(3, "0");
  for (let rest = n / 1000n; rest; rest /= 1000n) path = "x" + String(rest % 1000n).padStart(3, "0") + "/" + path;
  return `tile/${level < 0 ? "entries" : level}/${path}${width < 256n ? ".p/" + width : ""}`;
}

/** The entries of a tile of entries, each after its length in two bytes. @param {Uint8Array} b */
export function parseEntries(b) {
  const list = [];
  const bad = () => refuse("tile.entries");
  if (!b.length) bad();
  for (let at = 0; at < b.length; ) {
    const n = 256 * b[at] + b[at + 1]; // NaN where the second byte is not there
    if (list.length === 256 || !(at + 2 + n <= b.length)) bad();
    list.push(b.subarray(at + 2, (at += 2 + n)));
  }
  return list;
}

/**
 * The ranges of leaves whose hashes are the proof that a tree of n begins with one of m
 * (RFC 6962, 2.1.2), in the order of the proof.
 * @param {bigint} m @param {bigint} n
 */
export function consistency(m, n) {
  /** @type {[bigint, bigint][]} */
  const list = [];
  let a = 0n, whole = true;
  while (m > a && m < n) {
    let k = 1n;
    while (2n * k < n - a) k *= 2n;
    if (m <= a + k) {
      list.unshift([a + k, n]);
      n = a + k;
    } else {
      list.unshift([a, a + k]);
      a += k;
      whole = false;
    }
  }
  if (!whole) list.unshift([a, n]);
  return list;
}

/** The tile that holds the hash of a subtree, and which of its hashes make it up. @param {[number, bigint]} peak */
export function placeOf([level, n]) {
  const up = level % 8;
  const first = n << BigInt(up);
  return { level: (level - up) / 8, tile: first >> 8n, from: Number(first & 255n), count: 1 << up };
}
