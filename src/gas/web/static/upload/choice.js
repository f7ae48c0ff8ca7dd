// The form: the file that was chosen, looked at before it is sent, the reference and the options.
import { size } from "../units.js";
import { call } from "./api.js";
import { compare } from "./contigs.js";
import { say } from "./findings.js";
import { recall } from "./memory.js";
import { sniff } from "./sniff.js";

export class Choice {
  #form; #chooser; #reference; #options; #start;
  #head = null;
  file = null;

  constructor(form) {
    this.#form = form;
    this.#chooser = form.querySelector("#file");
    this.#reference = form.querySelector("#reference");
    this.#options = form.querySelector("[data-options]");
    this.#start = form.querySelector("[data-start]");
    this.#chooser.addEventListener("change", () => this.#choose(this.#chooser.files[0]));
    this.#reference.addEventListener("change", () => this.#checkReference());
    this.#takeDrops(form.querySelector("[data-drop]"));
  }

  get reference() {
    return this.#reference.value;
  }

  // What the submission asks for beside the upload.
  get wishes() {
    const chosen = this.#options.querySelectorAll("input:checked");
    return { reference: this.reference, options: Array.from(chosen, (box) => box.value) };
  }

  lock() {
    for (const part of [this.#chooser, this.#reference, this.#options, this.#start]) part.disabled = true;
  }

  unlock() {
    this.#chooser.disabled = false;
    this.#reference.disabled = false;
    this.#options.disabled = false;
    this.#start.disabled = !this.file;
  }

  focus() {
    (this.#start.disabled ? this.#chooser : this.#start).focus({ preventScroll: true });
  }

  // Emptied too, because a browser tells of no change if the same file is chosen again.
  clear() {
    this.file = null;
    this.#chooser.value = "";
    this.#start.disabled = true;
  }

  // Says of the chosen file what will become of it.
  describe() {
    const cure = recall(this.file) ? "An upload of it was broken off; it goes on where it stopped." : "";
    say("success", `${this.file.name}, ${size(this.file.size)}: looks like a VCF.`, { cure });
  }

  async #choose(chosen) {
    this.file = null;
    this.#start.disabled = true;
    if (!chosen) return;
    const [fault, cure, link] = await this.#fault(chosen);
    if (fault) {
      say("danger", fault, { cure, link });
      return;
    }
    this.file = chosen;
    this.#start.disabled = false;
    this.describe();
    await this.#checkReference();
  }

  async #fault(chosen) {
    const limit = Number(this.#form.dataset.maxBytes);
    if (chosen.size === 0) return ["The file is empty.", "Choose a VCF with records."];
    if (chosen.size > limit) {
      return [`The file has ${size(chosen.size)}; your plan allows ${size(limit)}.`, "Compress it with bgzip, or split it by contig.", upgrade()];
    }
    const found = await sniff(chosen).catch(() => ({ fault: ["The browser cannot read the file.", "Choose it again."] }));
    if (found.fault) return found.fault;
    this.#head = found;
    return [];
  }

  async #checkReference() {
    const note = this.#form.querySelector("[data-reference-note]");
    note.textContent = "";
    if (!this.#head) return;
    const known = await call("GET", `/references/${encodeURIComponent(this.reference)}`).catch(() => null);
    if (known && known.name === this.reference) note.textContent = compare(this.#head, known);
  }

  #takeDrops(area) {
    for (const kind of ["dragenter", "dragover"]) {
      area.addEventListener(kind, (event) => {
        event.preventDefault();
        area.classList.add("over");
      });
    }
    for (const kind of ["dragleave", "drop"]) area.addEventListener(kind, () => area.classList.remove("over"));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      if (this.#chooser.disabled || !event.dataTransfer.files.length) return;
      this.#chooser.files = event.dataTransfer.files;
      this.#choose(this.#chooser.files[0]);
    });
  }
}

// Offered on the page to those who may have a larger limit.
function upgrade() {
  const offered = document.querySelector("#file-help [data-upgrade]");
  return offered && { url: offered.href, text: "Or subscribe to premium." };
}
