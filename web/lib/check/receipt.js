// Receipts: that one entry is in the tree of a checkpoint (c2sp.org/tlog-proof).

import { cut, refuse, unbase64, utf8 } from "./bytes.js";
import { hash64, MAX_NOTE, number, parseCheckpoint } from "./note.js";
import { checkSigned } from "./policy.js";
import { included, leafHash } from "./tree.js";

/** @typedef {{extra: Uint8Array | null, index: bigint, hashes: Uint8Array[], checkpoint: string}} Receipt */

/** Reads a receipt, and checks neither proof nor signatures. @param {string} text @returns {Receipt} */
export function parseReceipt(text) {
  const bad = () => refuse("receipt.form");
  if (utf8(text).length > MAX_NOTE + 16384) bad();
  const [head, checkpoint] = cut(text, "\n\n");
  const list = head.split("\n");
  if (checkpoint === null || list.shift() !== "c2sp.org/tlog-proof@v1") return bad();
  let extra = null;
  if (list[0]?.startsWith("extra ")) {
    extra = unbase64((list.shift() ?? "").slice(6));
    if (!extra || extra.length > 8192) bad();
  }
  const first = list.shift() ?? "";
  if (!first.startsWith("index ") || list.length > 60) bad();
  const index = number(first.slice(6));
  const hashes = list.map(hash64);
  if (index >= parseCheckpoint(checkpoint).size) bad();
  return { extra, index, hashes, checkpoint };
}

/**
 * Checks the receipt of a leaf under a policy; the quorum is in what it returns.
 * @param {Receipt} r @param {Uint8Array} leaf @param {import("./policy.js").Policy} policy
 */
export async function checkReceipt(r, leaf, policy) {
  const s = await checkSigned(policy, r.checkpoint);
  if (!included(r.hashes, s.size, s.root, r.index, leafHash(leaf))) refuse("receipt.inclusion");
  return s;
}
