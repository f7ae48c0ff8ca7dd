// The list of uploads that were begun and not finished: each holds room until it is given up.
import { localTimes } from "../times.js";
import { call } from "./api.js";
import { freshPage } from "./fresh.js";
import { forget } from "./memory.js";

const LIST = "[data-open-uploads]";

export class OpenUploads {
  #list = document.querySelector(LIST);
  #said = document.querySelector("[data-open-uploads-said]");
  #sending = null;
  #onGivenUp;

  constructor({ onGivenUp }) {
    this.#onGivenUp = onGivenUp;
    this.#list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-give-up]");
      if (button) this.#giveUp(button);
    });
  }

  // The upload that this page is sending has its own card, with its own button; null for none.
  sending(uploadId) {
    this.#sending = uploadId;
    const items = [...this.#list.querySelectorAll("[data-upload]")];
    for (const item of items) item.hidden = item.dataset.upload === uploadId;
    const section = this.#list.querySelector("section");
    if (section) section.hidden = items.every((item) => item.hidden);
  }

  // As the service has it now; on a broken line the list stays as it is.
  async refresh() {
    const page = await freshPage().catch(() => null);
    if (!page) return;
    this.#list.replaceChildren(...page.querySelector(LIST).childNodes);
    localTimes(this.#list);
    this.sending(this.#sending);
  }

  async #giveUp(button) {
    const item = button.closest("[data-upload]");
    const { upload, name } = item.dataset;
    if (!confirm(`Give up the upload of ${name}? What was sent of it is removed.`)) return;
    button.disabled = true;
    this.#said.textContent = "";
    try {
      await call("DELETE", `${this.#list.dataset.url}/${upload}`);
    } catch (problem) {
      if (!problem.gone) {
        button.disabled = false;
        this.#said.textContent = `${problem.message} ${problem.cure} [${problem.code}]`;
        return;
      }
    }
    forget(upload);
    this.#remove(item);
    this.#said.textContent = `The upload of ${name} was given up.`;
    this.#onGivenUp();
  }

  // A keyboard user goes on with the next one, or with the text if it was the last.
  #remove(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    if (!next) this.#list.replaceChildren();
    (next?.querySelector("[data-give-up]") ?? this.#said).focus();
  }
}
