// How records leave the phone. This is the one place that knows the wire.

import { base64, unbase64 } from "../lib/check/bytes.js";

const sealing = () => import("../lib/phone/seal.js");

/** @typedef {{item: string, status: number, receipt?: {hash: string, index: number, size: number, proof: string}, rule: string, reason: string, retry_after?: number}} Answer */

const PATIENCE = 30000; // milliseconds

/**
 * Hands something over and returns the lines of the answer; null if nothing that can be believed
 * came back. An answer that was cut short counts as far as it goes.
 * @param {string} path @param {string} type @param {BodyInit} body @returns {Promise<(Answer | undefined)[] | null>}
 */
async function hand(path, type, body) {
  try {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": type, Accept: "application/json" }, body, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status !== 200 || !answer.headers.get("Content-Type")?.startsWith("application/x-ndjson") || !answer.body) return null;
    return (await textSoFar(answer.body)).split("\n").slice(0, -1).map(read);
  } catch {
    return null;
  }
}

/** Hands signed records over, and returns an answer for each in their order. @param {string[]} lines */
export const post = (lines) => hand("/api/v1/records", "application/x-ndjson", lines.join("\n") + "\n");

/** Hands sealed items over, and returns an answer for each in their order, whatever order they came in. @param {{name: string, bytes: Uint8Array}[]} items */
export async function postSealed(items) {
  const { framed } = await sealing();
  const answers = await hand("/api/v1/sealed", "application/octet-stream", /** @type {BodyInit} */ (framed(items.map((i) => i.bytes))));
  return answers && items.map((i) => answers.find((a) => a?.item === i.name));
}

/** The newest receipts there are of records, by their hashes. @param {string[]} hashes @returns {Promise<Map<string, string>>} */
export async function newest(hashes) {
  /** @type {Map<string, string>} */
  const out = new Map();
  try {
    const answer = await fetch("/api/v1/receipts", { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify({ hashes }), cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
    const said = await answer.json();
    for (const r of said.records ?? []) {
      if (r.state === "absent") continue;
      const raw = unbase64(String(r.proof ?? "")) ?? new Uint8Array(), list = [];
      for (let i = 0; i < raw.length; i += 32) list.push(base64(raw.subarray(i, i + 32)));
      out.set(r.hash, ["c2sp.org/tlog-proof@v1", "index " + r.index, ...list, "", said.checkpoints[r.checkpoint].text].join("\n"));
    }
  } catch { /* what is not there is asked for again */ }
  return out;
}

/** The text of a body, up to where it broke off. @param {ReadableStream<Uint8Array>} body */
async function textSoFar(body) {
  const reader = body.getReader(), decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    return text;
  }
}

/** @param {string} line @returns {Answer | undefined} */
function read(line) {
  try {
    const a = JSON.parse(line);
    if (typeof a?.status !== "number") return undefined;
    const r = a.receipt;
    return { item: String(a.item ?? ""), status: a.status, receipt: typeof r?.proof === "string" ? r : undefined, rule: String(a.rule ?? ""), reason: String(a.reason ?? ""), retry_after: Number(a.retry_after ?? 0) };
  } catch {
    return undefined;
  }
}
