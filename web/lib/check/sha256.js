// SHA-256 (FIPS 180-4). A browser has its own only on secure pages, and answers one call at a
// time; a log has millions of small hashes.

/** The first 32 bits after the point of a root of p. @param {bigint} p @param {bigint} root */
function bits(p, root) {
  let x = 0n;
  for (let b = 1n << 36n; b; b >>= 1n) if ((x + b) ** root <= p << (32n * root)) x += b;
  return Number(x & 0xffffffffn);
}

/** @type {bigint[]} */
const primes = [];
for (let n = 2n; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
const K = Int32Array.from(primes, (p) => bits(p, 3n));
const H = primes.slice(0, 8).map((p) => bits(p, 2n));
const w = new Int32Array(64);

/** @param {number} x @param {number} n */
const turn = (x, n) => (x >>> n) | (x << (32 - n));

/** @param {Uint8Array} data @returns {Uint8Array} */
export function sha256(data) {
  const tail = new Uint8Array(data.length % 64 < 56 ? 64 : 128);
  const whole = data.length - (data.length % 64);
  tail.set(data.subarray(whole));
  tail[data.length - whole] = 0x80;
  const end = new DataView(tail.buffer);
  end.setUint32(tail.length - 8, Math.floor(data.length / 2 ** 29));
  end.setUint32(tail.length - 4, data.length << 3);
  const h = Int32Array.from(H);
  const head = new DataView(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < whole; i += 64) block(h, head, i);
  for (let i = 0; i < tail.length; i += 64) block(h, end, i);
  const out = new DataView(new ArrayBuffer(32));
  h.forEach((x, i) => out.setInt32(4 * i, x));
  return new Uint8Array(out.buffer);
}

/** @param {Int32Array} sum @param {DataView} data @param {number} at */
function block(sum, data, at) {
  for (let i = 0; i < 16; i++) w[i] = data.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = sum;
  for (let i = 0; i < 64; i++) {
    const s = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
    const t = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = (d + s) | 0, d = c, c = b, b = a, a = (s + t) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => (sum[i] += x));
}
