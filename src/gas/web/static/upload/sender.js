// Sends the missing parts of a file, a few at a time, with pauses and further tries.
import { insist } from "./again.js";
import { putPart } from "./api.js";
import { requireReadable } from "./problem.js";

const AT_ONCE = 3;

export class Sender {
  #file; #upload; #url; #onChange; #onTrouble;
  #sent = new Map(); // bytes of the parts on their way
  #troubles = new Map(); // what keeps a part from getting through
  #waiting; #done = 0; #stop = null; #ended = null;

  constructor(file, upload, { url, onChange, onTrouble }) {
    this.#file = file;
    this.#upload = upload;
    this.#url = url;
    this.#onChange = onChange;
    this.#onTrouble = onTrouble;
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
    await this.#ended; // lanes that were paused may not have given their parts back yet
    this.#troubles.clear();
    const lanes = Array.from({ length: AT_ONCE }, () => this.#lane(stop.signal));
    this.#ended = Promise.allSettled(lanes);
    try {
      await Promise.all(lanes);
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
        await insist(() => this.#send(number, signal), {
          signal,
          onTrouble: (problem) => this.#tell(number, problem),
        });
      } catch (problem) {
        this.#waiting.unshift(number);
        throw problem;
      }
    }
  }

  async #send(number, signal) {
    const blob = this.#part(number);
    try {
      await putPart(`${this.#url}/${this.#upload.id}/parts/${number}`, blob, {
        signal,
        onSent: (bytes) => this.#note(number, Math.min(bytes, blob.size)),
      });
      this.#done += blob.size;
    } catch (problem) {
      if (problem.status === 0) await requireReadable(blob);
      throw problem;
    } finally {
      this.#sent.delete(number);
      this.#onChange();
    }
  }

  #note(number, bytes) {
    this.#sent.set(number, bytes);
    this.#onChange();
  }

  // As long as one part is in trouble that is told, though others get through.
  #tell(number, problem) {
    if (problem) this.#troubles.set(number, problem);
    else if (!this.#troubles.delete(number)) return;
    this.#onTrouble(this.#troubles.values().next().value ?? null);
  }

  #part(number) {
    const { part_bytes: size } = this.#upload;
    return this.#file.slice((number - 1) * size, number * size);
  }
}
