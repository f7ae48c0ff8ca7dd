// On every page: times in the reader's zone, and fragments that keep themselves up to date.
import { countDown } from "./countdown.js";
import { localTimes } from "./times.js";

localTimes(document);
countDown();

document.addEventListener("htmx:configRequest", (event) => {
  const { etag } = event.detail.elt.dataset;
  if (etag) event.detail.headers["If-None-Match"] = `"${etag}"`;
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.content;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  // Nobody looks at a hidden tab, and somebody may be choosing in a form or copying text.
  const fragment = event.detail.elt;
  const choosing = fragment.contains(document.activeElement) && document.activeElement.matches("select, input");
  const selecting = !getSelection().isCollapsed && fragment.contains(getSelection().anchorNode);
  if (document.hidden || choosing || selecting) event.preventDefault();
});

// What was remembered of files is not for whoever sits here next; how pages look stays.
document.querySelector('form[action$="/sign-out"]')?.addEventListener("submit", () => {
  try {
    for (const name of Object.keys(localStorage)) if (name !== "theme") localStorage.removeItem(name);
  } catch {
    // storage is off: nothing was remembered
  }
});

let focused = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const { activeElement } = document;
  focused = event.detail.target.contains(activeElement)
    ? { href: activeElement.getAttribute("href"), action: activeElement.form?.getAttribute("action") }
    : null;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const fragment = document.getElementById(event.detail.elt.id) ?? event.detail.elt;
  localTimes(fragment);
  const said = document.querySelector("[data-said]");
  if (said && said.textContent !== fragment.dataset.say) said.textContent = fragment.dataset.say ?? "";
  if (!focused) return;
  // A keyboard user stays where they were, though the fragment is new.
  for (const link of fragment.querySelectorAll("a[href], form[action] button")) {
    const same = link.tagName === "A"
      ? link.getAttribute("href") === focused.href
      : link.form.getAttribute("action") === focused.action;
    if (same) {
      link.focus({ preventScroll: true });
      break;
    }
  }
  focused = null;
});
