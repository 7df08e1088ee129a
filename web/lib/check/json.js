// The strict reader: a text is read if it is the one spelling of what it says.

import { isHex, refuse } from "./bytes.js";

/** @typedef {(v: any) => boolean} Is a shape: whether a value has it */

/** @type {Is} */
export const integer = (v) => Number.isInteger(v) && Math.abs(v) <= 2 ** 53;
/** @type {Is} */
export const string = (v) => typeof v === "string" && !/\p{Cs}/u.test(v);
/** @type {Is} */
export const boolean = (v) => typeof v === "boolean";
/** A hash. @type {Is} */
export const hash = (v) => isHex(v, 64);
/** An id or nonce. @type {Is} */
export const id = (v) => isHex(v, 32);
/** A moment in UTC to the second. @type {Is} */
export const time = (v) => {
  if (typeof v !== "string" || !/^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(v)) return false;
  const at = Date.parse(v);
  return !Number.isNaN(at) && new Date(at).toISOString() === v.replace("Z", ".000Z");
};
/** @param {Is} is @returns {Is} */
export const maybe = (is) => (v) => v === null || is(v);
/** @param {Is} is @returns {Is} */
export const list = (is) => (v) => Array.isArray(v) && v.every(is);
/** Members in this order, no other. @param {Record<string, Is>} members @returns {Is} */
export const object = (members) => {
  const names = Object.keys(members);
  return (v) => {
    if (typeof v !== "object" || v === null || Array.isArray(v)) return false;
    const have = Object.keys(v);
    return have.length === names.length && names.every((n, i) => have[i] === n && members[n](v[n]));
  };
};

/** Reads a text of a shape in its one spelling. @param {string} text @param {Is} is @param {string} rule broken if it is not */
export function read(text, is, rule) {
  let v;
  try {
    v = JSON.parse(text);
  } catch {
    return refuse(rule);
  }
  return is(v) && JSON.stringify(v) === text ? v : refuse(rule);
}
