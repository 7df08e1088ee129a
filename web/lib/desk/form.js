// What was typed into a form is kept until it became a draft, so that neither an error nor a
// session that ends loses it. It is kept in this tab alone, and ends with it.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("#compose"));
const place = "corridor-desk " + (form?.dataset.kept ?? "");

/** @param {HTMLFormElement} f */
const inputs = (f) => /** @type {(HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement)[]} */ (
  Array.from(f.querySelectorAll("input:not([type=hidden]), select, textarea")));

if (form) {
  const errors = /** @type {HTMLElement | null} */ (document.querySelector("#errors"));
  errors?.focus();
  if (!errors && performance.getEntriesByType("navigation").every((n) => /** @type {PerformanceNavigationTiming} */ (n).type !== "reload")) {
    /** @type {Record<string, string | boolean>} */
    const typed = JSON.parse(sessionStorage.getItem(place) ?? "{}");
    for (const i of inputs(form)) {
      const was = typed[i.id];
      if (was === undefined) continue;
      if (i instanceof HTMLInputElement && i.type === "checkbox") i.checked = Boolean(was);
      else if (!i.value || i instanceof HTMLSelectElement) i.value = String(was);
    }
  }
  form.addEventListener("input", () => {
    const typed = Object.fromEntries(inputs(form).map((i) => [i.id, i instanceof HTMLInputElement && i.type === "checkbox" ? i.checked : i.value]));
    sessionStorage.setItem(place, JSON.stringify(typed));
  });
  form.addEventListener("submit", () => {
    // For the page of the draft, which holds what is signed against what was typed.
    const texts = inputs(form).filter((i) => !(i instanceof HTMLInputElement && i.type === "checkbox" && !i.checked) && i.value.trim() && !i.id.startsWith("f-re"));
    sessionStorage.setItem("corridor-desk typed", JSON.stringify(texts.map((i) => [i.name, i.value])));
  });
}

export {};
