// The card that shows a transfer.
import { size, span } from "../units.js";
import { Rate } from "./rate.js";

const find = (name) => document.querySelector(`[data-${name}]`);

export class Panel {
  #rate = new Rate();
  #total;

  constructor(file) {
    this.#total = file.size;
    find("transfer-name").textContent = file.name;
    find("transfer").hidden = false;
  }

  show(bytes) {
    this.#rate.mark(bytes);
    const { perSecond } = this.#rate;
    const left = perSecond ? ` · ${size(perSecond)}/s · ${span((this.#total - bytes) / perSecond)} left` : "";
    find("transfer-bar").value = (bytes / this.#total) * 1000;
    find("transfer-percent").textContent = `${Math.floor((bytes / this.#total) * 100)} %`;
    find("transfer-rate").textContent = `${size(bytes)} of ${size(this.#total)}${left}`;
  }

  say(text) {
    const status = find("transfer-status");
    if (status.textContent !== text) status.textContent = text; // said once, not with every byte
  }

  running(yes) {
    this.#rate.reset();
    find("pause").textContent = yes ? "Pause" : "Go on";
    this.allow({ pause: true, cancel: true });
  }

  allow({ pause, cancel }) {
    find("pause").disabled = !pause;
    find("cancel").disabled = !cancel;
  }

  // Whether the focus was within, and has to go elsewhere.
  hide() {
    const held = find("transfer").contains(document.activeElement);
    find("transfer").hidden = true;
    return held;
  }
}
