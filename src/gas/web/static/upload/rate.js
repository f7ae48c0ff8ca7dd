// Bytes per second over the last few seconds; a mean over all would lag behind a changed line.
const WINDOW = 8000;

export class Rate {
  #marks = [];

  mark(bytes, now = performance.now()) {
    this.#marks.push([now, bytes]);
    while (this.#marks.length > 2 && now - this.#marks[0][0] > WINDOW) this.#marks.shift();
  }

  reset() {
    this.#marks = [];
  }

  get perSecond() {
    if (this.#marks.length < 2) return 0;
    const [from, first] = this.#marks[0];
    const [to, last] = this.#marks.at(-1);
    return to > from ? Math.max(0, ((last - first) * 1000) / (to - from)) : 0;
  }
}
