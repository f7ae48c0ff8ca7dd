// Sends the missing parts of a file, a few at a time, with pauses and further tries.
import { putPart } from "./api.js";

const AT_ONCE = 3;
const LONGEST_WAIT = 30_000;

export class Sender {
  #file; #upload; #url; #onChange;
  #sent = new Map(); // bytes of the parts on their way
  #waiting; #done = 0; #stop = null;

  constructor(file, upload, { url, onChange }) {
    Object.assign(this, { retrying: false });
    this.#file = file;
    this.#upload = upload;
    this.#url = url;
    this.#onChange = onChange;
    const here = new Set(upload.parts);
    this.#waiting = [];
    for (let number = 1; number <= upload.part_count; number += 1) {
      if (here.has(number)) this.#done += this.#part(number).size;
      else this.#waiting.push(number);
    }
  }

  get bytes() {
    return this.#done + [...this.#sent.values()].reduce((sum, value) => sum + value, 0);
  }

  // Resolves true when all is sent, false when paused; rejects with the Problem that stopped it.
  async run() {
    const stop = new AbortController();
    this.#stop = stop;
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.#lane(stop.signal)));
      return true;
    } catch (problem) {
      stop.abort();
      if (problem.name === "AbortError") return false;
      throw problem;
    }
  }

  pause() {
    this.#stop?.abort();
  }

  async #lane(signal) {
    while (this.#waiting.length) {
      const number = this.#waiting.shift();
      try {
        await this.#send(number, signal);
      } catch (problem) {
        this.#waiting.unshift(number);
        throw problem;
      }
    }
  }

  async #send(number, signal) {
    const blob = this.#part(number);
    for (let wait = 500; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      signal.throwIfAborted();
      try {
        await putPart(`${this.#url}/${this.#upload.id}/parts/${number}`, blob, {
          signal,
          onSent: (bytes) => this.#note(number, Math.min(bytes, blob.size)),
        });
        this.#done += blob.size;
        this.retrying = false;
        return;
      } catch (problem) {
        if (!problem.passing) throw problem;
        this.retrying = true;
      } finally {
        this.#sent.delete(number);
        this.#onChange();
      }
      // Half of the wait is by chance, so that many browsers do not come back at once.
      await pauseFor(wait / 2 + (Math.random() * wait) / 2, signal);
    }
  }

  #note(number, bytes) {
    this.#sent.set(number, bytes);
    this.#onChange();
  }

  #part(number) {
    const { part_bytes: size } = this.#upload;
    return this.#file.slice((number - 1) * size, number * size);
  }
}

function pauseFor(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    });
  });
}
