// What a browser adds to pages that work without it: the slider moves and plays without
// leaving the page, and a tap on a time shows it in the other zones.

/** @type {HTMLFormElement | null} */
const slider = document.querySelector("form.slider");

/**
 * Puts the board as it stood at a size of the log in the place of the one shown.
 * If anything goes wrong the browser goes to the page itself.
 * @param {number} at
 */
async function show(at) {
  const address = new URL("/board", location.href);
  address.searchParams.set("at", String(at));
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["#board", "form.slider .at", "form.slider .marks"]) {
      const next = page.querySelector(part);
      const now = document.querySelector(part);
      if (!next || !now) throw new Error("the answer has no " + part);
      now.replaceWith(next);
    }
    const trace = document.querySelector("#trace"); // of a session: it is held against what is shown
    if (trace) trace.replaceWith(page.querySelector("#trace") ?? "");
    history.replaceState(null, "", address);
    document.dispatchEvent(new Event("shown"));
  } catch {
    location.assign(address);
  }
}

if (slider) {
  const range = /** @type {HTMLInputElement} */ (slider.querySelector("input[type=range]"));
  const play = /** @type {HTMLButtonElement} */ (slider.querySelector(".play"));
  const plain = /** @type {HTMLElement} */ (slider.querySelector("[data-nojs]"));
  let waiting = 0;
  let timer = 0;

  /** @param {number} at */
  const go = (at) => {
    range.value = String(at);
    return show(at);
  };
  const stop = () => {
    clearTimeout(timer);
    timer = 0;
    play.textContent = play.dataset.play ?? "";
  };
  /** Goes to the next marked day, and on until the last. */
  const step = async () => {
    const marks = Array.from(document.querySelectorAll("form.slider .marks a[data-at]"),
      (a) => Number(/** @type {HTMLElement} */ (a).dataset.at));
    const next = marks.find((at) => at > Number(range.value));
    if (next === undefined) return stop();
    await go(next);
    if (timer) timer = window.setTimeout(step, 1600);
  };

  plain.hidden = true;
  play.hidden = false;
  play.addEventListener("click", () => {
    if (timer) return stop();
    play.textContent = play.dataset.stop ?? "";
    if (Number(range.value) >= Number(range.max)) range.value = range.min;
    timer = window.setTimeout(step, 0);
  });
  range.addEventListener("input", () => {
    stop();
    clearTimeout(waiting);
    waiting = window.setTimeout(() => show(Number(range.value)), 120);
  });
  slider.addEventListener("submit", (event) => {
    event.preventDefault();
    show(Number(range.value));
  });
  slider.addEventListener("click", (event) => {
    const link = /** @type {HTMLElement} */ (event.target).closest("a[data-at]");
    if (!(link instanceof HTMLElement)) return;
    event.preventDefault();
    stop();
    go(Number(link.dataset.at));
  });
}

document.addEventListener("click", (event) => {
  const time = /** @type {HTMLElement} */ (event.target).closest("time[title]");
  if (!(time instanceof HTMLElement) || time.closest("a, summary, button")) return;
  const shown = time.querySelector(".zones");
  if (shown) return shown.remove();
  const zones = document.createElement("span");
  zones.className = "zones";
  zones.textContent = time.title;
  time.append(zones);
});

// A page that needs more than this names the module.
document.querySelectorAll("[data-module]").forEach((part) => import(/** @type {HTMLElement} */ (part).dataset.module ?? ""));
// A page that was made for a session, and the pages at the door, bring what they need.
if (document.body.dataset.session !== undefined) import("./session.js").then((session) => session.hold());
if (document.body.dataset.door !== undefined) import("./door.js");
