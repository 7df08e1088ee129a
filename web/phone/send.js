// How records leave the phone. This is the one place that knows the wire.

/** @typedef {{status: number, receipt?: {hash: string, index: number, size: number, proof: string}, rule: string, reason: string, retry_after?: number}} Answer */

const PATIENCE = 30000; // milliseconds

/**
 * Hands records over and returns an answer for each, in their order; null if nothing that can be
 * believed came back. An answer that was cut short counts as far as it goes.
 * @param {string[]} lines @returns {Promise<(Answer | undefined)[] | null>}
 */
export async function post(lines) {
  try {
    const answer = await fetch("/api/v1/records", {
      method: "POST", headers: { "Content-Type": "application/x-ndjson", Accept: "application/json" }, body: lines.join("\n") + "\n",
      cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.status !== 200 || !answer.headers.get("Content-Type")?.startsWith("application/x-ndjson") || !answer.body) return null;
    return (await textSoFar(answer.body)).split("\n").slice(0, -1).map(read).slice(0, lines.length);
  } catch {
    return null;
  }
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
    return { status: a.status, receipt: typeof r?.proof === "string" ? r : undefined, rule: String(a.rule ?? ""), reason: String(a.reason ?? ""), retry_after: Number(a.retry_after ?? 0) };
  } catch {
    return undefined;
  }
}
