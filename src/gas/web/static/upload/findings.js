// What the page says about the file and its upload, above the button.
const place = () => document.querySelector("[data-findings]");

// `link`: { url, text }
export function say(kind, message, { cure = "", code = "", link = null } = {}) {
  const box = document.createElement("div");
  box.className = `alert alert-${kind} mb-0`;
  box.append(element("strong", message), cure && ` ${cure}`);
  if (link) {
    const anchor = element("a", link.text);
    anchor.className = "alert-link";
    anchor.href = link.url;
    box.append(" ", anchor);
  }
  if (code) box.append(" ", element("code", code));
  place().replaceChildren(box);
}

export function sayNothing() {
  place().replaceChildren();
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
