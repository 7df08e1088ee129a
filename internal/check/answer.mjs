// Answers the questions of the Go tests: a JSON object a line in, one out. Bytes travel in base64.

import { webcrypto } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto);
const lib = new URL("../../web/lib/check/", import.meta.url);
const names = ["bytes", "sha256", "ed25519", "tree", "note", "policy", "receipt", "tile", "json", "record", "leaf", "card", "bundle", "possession", "proof"];
const [bytes, sha, ed, tree, note, policy, receipt, tile, json, record, leaf, card, bundle, possession, proof] = await Promise.all(names.map((n) => import(new URL(n + ".js", lib).href)));
const phone = new URL("../../web/lib/phone/", import.meta.url);
const [compact, unpack, lines, seal] = await Promise.all(["compact", "unpack", "lines", "seal"].map((n) => import(new URL(n + ".js", phone).href)));

const { hex, unhex, utf8, textOf, Refused } = bytes;
/** @param {string} s */
const raw = (s) => new Uint8Array(Buffer.from(s, "base64"));

const specimen = json.object({
  n: json.integer, text: json.string, list: json.list(json.integer), maybe: json.maybe(json.string), flag: json.boolean,
  inner: json.object({ at: json.time, hash: json.hash }),
});

/** @type {Record<string, (q: any) => any>} */
const answers = {
  sha256: (q) => ({ hash: hex(sha.sha256(raw(q.data))) }),
  key: (q) => ({ rule: ed.keyRule(unhex(q.key)), hash: hex(sha.sha256(unhex(q.key))) }),
  pae: (q) => ({ hash: hex(record.pae(q.type, raw(q.data))) }),
  time: (q) => ({ ok: json.time(q.text), unix: json.time(q.text) ? Date.parse(q.text) / 1000 : null }),
  json: (q) => ({ value: json.read(textOf(raw(q.data)), specimen, "json") }),
  async record(q) {
    const r = (q.form === "line" ? record.parseLine : record.parseEnvelope)(raw(q.data));
    const rule = q.key ? await record.signatureRule(r, unhex(q.key)) : "";
    return { rule, hash: r.hash, exercise: r.exercise, leaf: leaf.leafOf(r), carried: r.header.parts.filter((/** @type {any} */ _, /** @type {number} */ i) => r.parts[i]).map((/** @type {any} */ p) => p.name) };
  },
  async possession(q) {
    return { rule: await possession.possessionRule(unhex(q.key), q.proof, q.exercise, q.origin, q.mission) };
  },
  pack(q) {
    const b = q.edition ? compact.packRecord(record.parseLine(raw(q.line)), q.short, compact.edition(q.edition)) : compact.pack(raw(q.line), q.short);
    return { text: Buffer.from(b).toString("base64"), list: lines.lines(b, lines.MESSAGE) ?? [], roots: lines.lines(b, lines.CODE) ?? [] };
  },
  async seal(q) {
    const items = [];
    for (const plain of q.list) items.push(await seal.seal(raw(plain), q.key));
    return { text: Buffer.from(seal.framed(items)).toString("base64") };
  },
  recipient: (q) => ({ hash: hex(seal.parseRecipient(q.text)) }),
  unpack(q) {
    /** @param {string[]} list */
    const known = (list) => (/** @type {string} */ prefix) => list.filter((h) => h.startsWith(prefix));
    return { text: Buffer.from(unpack.unpack(raw(q.data), { mission: known(q.missions), key: known(q.keys) })).toString("base64") };
  },
  inclusion: (q) => ({ ok: tree.included(q.proof.map(unhex), BigInt(q.size), unhex(q.root), BigInt(q.at), unhex(q.hash)) }),
  consistency: (q) => ({ ok: tree.continues(q.proof.map(unhex), BigInt(q.size), unhex(q.root), BigInt(q.at), unhex(q.hash)) }),
  /** The roots of a growing tree, and the proof that one size continues another. */
  tree(q) {
    const t = new tree.Tree();
    const roots = [hex(t.root(0))];
    for (const l of q.leaves) {
      t.add(tree.leafHash(raw(l)));
      roots.push(hex(t.root(t.size)));
    }
    const proofs = [];
    for (let m = 1; m <= t.size; m++) {
      const ranges = tile.consistency(BigInt(m), BigInt(t.size));
      proofs.push(ranges.map((/** @type {[bigint, bigint]} */ [a, b]) => hex(tree.fold(tree.peaks(a, b).map((/** @type {[number, bigint]} */ [l, k]) => t.at(l, Number(k)))))));
    }
    return { roots, proofs };
  },
  path: (q) => ({ text: tile.tilePath(q.level, BigInt(q.n), BigInt(q.size)) }),
  entries: (q) => ({ list: tile.parseEntries(raw(q.data)).map((/** @type {Uint8Array} */ b) => Buffer.from(b).toString("base64")) }),
  leaf: (q) => leaf.parseLeaf(textOf(raw(q.data))),
  classes: (q) => ({ list: q.list.map(leaf.classOf) }),
  card(q) {
    const c = card.parseCard(textOf(raw(q.data)));
    return { hash: c.mission, list: c.words };
  },
  policy(q) {
    const p = policy.parsePolicy(textOf(raw(q.data)));
    return { list: p.witnesses.map((/** @type {any} */ w) => w.name), text: p.asks, met: q.sets.map((/** @type {string[]} */ s) => !p.quorum || p.quorum((/** @type {string} */ n) => s.includes(n))) };
  },
  checkpoint: async (q) => signed(await policy.checkSigned(policy.parsePolicy(q.policy), textOf(raw(q.data)))),
  async receipt(q) {
    const r = receipt.parseReceipt(textOf(raw(q.data)));
    return { ...signed(await receipt.checkReceipt(r, utf8(q.leaf), policy.parsePolicy(q.policy))), index: Number(r.index) };
  },
  async proof(q) {
    const v = await proof.judge(textOf(raw(q.data)), q.card ? card.parseCard(q.card) : null);
    return { state: v.state, rule: v.rule };
  },
  async bundle(q) {
    const r = await bundle.checkBundle(createReadStream(q.path, { highWaterMark: q.chunk ?? 65536 }), q.card ? card.parseCard(q.card) : null);
    return { ...r, root: hex(r.root), card: r.card && { words: r.card.words }, keys: [...r.keys.keys()].length };
  },
};

/** @param {any} s */
const signed = (s) => ({ size: String(s.size), root: hex(s.root), cosigned: s.cosigned.map((/** @type {any} */ c) => `${c.name} ${c.time}`), quorum: s.met });

for await (const text of createInterface({ input: process.stdin })) {
  const q = JSON.parse(text);
  let a;
  try {
    a = { ok: true, ...(await answers[q.ask](q)) };
  } catch (e) {
    // Bytes that are not UTF-8 are no text, and so no card, policy or note.
    if (e instanceof Refused) a = { ok: false, rule: e.rule };
    else if (e instanceof TypeError && /decod|encoded/i.test(e.message)) a = { ok: false, rule: "text" };
    else a = { ok: false, fault: String(e instanceof Error ? e.stack : e) };
  }
  process.stdout.write(JSON.stringify(a) + "\n");
}
