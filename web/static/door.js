// The pages at the door: an invitation is used, a passkey signs in or is added, a page that
// was opened by its address is proved.

import { Shut, base64url, forgetNonce, fromBase64url, keep, newPair, possible, proof, proveNext, tell } from "./session.js";

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector));

/**
 * Says what went wrong, in the words of the page.
 * @param {unknown} error
 */
function say(error) {
  const place = find("#trouble");
  if (!place) return;
  const rule = error instanceof Shut ? error.rule : error instanceof DOMException ? "authenticator" : "network";
  const words = /** @type {HTMLElement | null} */ (document.querySelector(`#answers [data-rule="${CSS.escape(rule)}"]`))
    ?? document.querySelector('#answers [data-rule="other"]');
  place.textContent = words?.textContent ?? "";
  place.hidden = false;
  place.focus();
}

/**
 * Runs what a button does, once at a time.
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} work
 */
async function press(button, work) {
  button.disabled = true;
  const place = find("#trouble");
  if (place) place.hidden = true;
  try {
    await work();
  } catch (error) {
    say(error);
  } finally {
    button.disabled = false;
  }
}

/**
 * Turns the members of passkey options that are bytes into bytes.
 * @param {any} options
 */
function decode(options) {
  options.challenge = fromBase64url(options.challenge);
  if (options.user) options.user.id = fromBase64url(options.user.id);
  for (const list of [options.excludeCredentials, options.allowCredentials]) {
    for (const c of list ?? []) c.id = fromBase64url(c.id);
  }
  return options;
}

/**
 * Makes JSON of what an authenticator answered.
 * @param {any} credential
 */
function encode(credential) {
  /** @type {Record<string, any>} */
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = base64url(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id, rawId: base64url(credential.rawId), type: credential.type, response,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
  };
}

/** Goes to the reader's sessions, with a proof if one can be made. */
async function enter() {
  forgetNonce();
  await proveNext().catch(() => {});
  location.assign("/sessions");
}

const join = /** @type {HTMLFormElement | null} */ (find("form#join"));
if (join) {
  const code = /** @type {HTMLInputElement} */ (join.querySelector("input[name=code]"));
  const fragment = location.hash.slice(1);
  if (fragment) {
    code.value = fragment;
    history.replaceState(null, "", "/join"); // the code is in no history and in no address that is copied
  }
  join.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (join.querySelector("button"));
    press(button, async () => {
      const pair = await newPair();
      const given = code.value.trim();
      await tell("open/invitation", { code: given.slice(given.indexOf("#") + 1), bind: pair.bind, proof: await proof(pair) });
      await keep(pair);
      code.value = "";
      await enter();
    });
  });
}

const signIn = /** @type {HTMLButtonElement | null} */ (find("button#passkey"));
signIn?.addEventListener("click", () => press(signIn, async () => {
  const pair = await newPair();
  const { begun, options } = await tell("open/passkey/begin", { bind: pair.bind, proof: await proof(pair) });
  const credential = await navigator.credentials.get({ publicKey: decode(options) });
  await tell("open/passkey", { begun, response: encode(credential) });
  await keep(pair);
  await enter();
}));

const add = /** @type {HTMLButtonElement | null} */ (find("button#add-passkey"));
add?.addEventListener("click", () => press(add, async () => {
  const { begun, options } = await tell("passkey/begin", {});
  const credential = await navigator.credentials.create({ publicKey: decode(options) });
  await tell("passkey", { begun, response: encode(credential) });
  await enter();
}));

if (find("[data-prove]")) {
  const last = Number(sessionStorage.getItem("proved") ?? 0);
  const stuck = find("#stuck");
  if (find("[data-prove=again]") && Date.now() - last < 10_000) {
    if (stuck) stuck.hidden = false; // it was proved a moment ago and that was not enough
  } else {
    sessionStorage.setItem("proved", String(Date.now()));
    proveNext().then(() => location.reload(), () => { if (stuck) stuck.hidden = false; });
  }
}

// The buttons wait for this module: pressed before it was there they would do nothing good.
if (possible()) {
  document.querySelectorAll("button[data-needs-key]").forEach((b) => { /** @type {HTMLButtonElement} */ (b).disabled = false; });
} else {
  const place = find("#impossible");
  if (place) place.hidden = false;
}
