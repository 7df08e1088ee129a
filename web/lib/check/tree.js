// The Merkle tree of RFC 6962, with the proofs as RFC 9162, 2.1.3 and 2.1.4, has them. Sizes
// and indexes are BigInt where a stranger names them.

import { equal, join } from "./bytes.js";
import { sha256 } from "./sha256.js";

/** The largest tree that is spoken of. */
export const MAX_SIZE = 2n ** 60n;

/** The root of no entries. */
export const EMPTY = sha256(new Uint8Array());

/** @param {Uint8Array} leaf */
export const leafHash = (leaf) => sha256(join(Uint8Array.of(0), leaf));

/** @param {Uint8Array} a @param {Uint8Array} b */
export const nodeHash = (a, b) => sha256(join(Uint8Array.of(1), a, b));

/**
 * Whether leaf i of the tree of n under root has a hash. The proof is exactly as long as needed.
 * @param {Uint8Array[]} proof @param {bigint} n @param {Uint8Array} root @param {bigint} i @param {Uint8Array} leaf
 */
export function included(proof, n, root, i, leaf) {
  if (i < 0n || i >= n || n > MAX_SIZE) return false;
  let last = n - 1n;
  for (const h of proof) {
    if (!last) return false;
    if (i & 1n || i === last) {
      leaf = nodeHash(h, leaf);
      for (; !(i & 1n) && i; last >>= 1n) i >>= 1n;
    } else leaf = nodeHash(leaf, h);
    i >>= 1n;
    last >>= 1n;
  }
  return !last && equal(leaf, root);
}

/**
 * Whether the tree of n under root begins with the tree of m under old.
 * @param {Uint8Array[]} proof @param {bigint} n @param {Uint8Array} root @param {bigint} m @param {Uint8Array} old
 */
export function continues(proof, n, root, m, old) {
  if (m < 0n || m > n || n > MAX_SIZE) return false;
  if (!m) return !proof.length && equal(old, EMPTY) && (n > 0n || equal(root, EMPTY));
  if (m === n) return !proof.length && equal(old, root);
  let i = m - 1n, last = n - 1n;
  for (; i & 1n; last >>= 1n) i >>= 1n;
  const path = i ? proof : [old, ...proof];
  if (!path.length) return false;
  let a = path[0], b = path[0];
  for (const h of path.slice(1)) {
    if (!last) return false;
    if (i & 1n || i === last) {
      a = nodeHash(h, a);
      b = nodeHash(h, b);
      for (; !(i & 1n) && i; last >>= 1n) i >>= 1n;
    } else b = nodeHash(b, h);
    i >>= 1n;
    last >>= 1n;
  }
  return !last && equal(a, old) && equal(b, root);
}

/**
 * The perfect subtrees that the leaves from a to b make, as [level, number]; a is where such a
 * range may begin.
 * @param {bigint} a @param {bigint} b
 */
export function peaks(a, b) {
  /** @type {[number, bigint][]} */
  const list = [];
  for (let l = 60; l >= 0; l--) {
    const size = 1n << BigInt(l);
    if ((b - a) & size) {
      list.push([l, a >> BigInt(l)]);
      a += size;
    }
  }
  return list;
}

/** The hash of neighbouring subtrees, largest first. @param {Uint8Array[]} list */
export const fold = (list) => (list.length ? list.reduceRight((r, h) => nodeHash(h, r)) : EMPTY);

/** A tree that grows, with the root of every size it has had. */
export class Tree {
  size = 0;
  /** Hashes by level, one behind the other. @type {Uint8Array[]} */
  #levels = [];

  /** @param {number} level @param {number} n */
  at(level, n) {
    return this.#levels[level].subarray(32 * n, 32 * n + 32);
  }

  /** @param {Uint8Array} hash of a leaf */
  add(hash) {
    for (let l = 0, n = this.size++; ; l++, n >>= 1) {
      let b = this.#levels[l] ?? new Uint8Array(2048);
      if (32 * n >= b.length) {
        const more = new Uint8Array(2 * b.length);
        more.set(b);
        b = more;
      }
      this.#levels[l] = b;
      b.set(hash, 32 * n);
      if (!(n & 1)) return;
      hash = nodeHash(this.at(l, n - 1), hash);
    }
  }

  /** The root of the first n leaves. @param {number} n */
  root(n) {
    return fold(peaks(0n, BigInt(n)).map(([l, k]) => this.at(l, Number(k))));
  }
}
