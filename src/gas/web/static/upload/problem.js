// Why something cannot go on, with what the reader can do about it.
const LONGEST_WISH_SECONDS = 600; // a clock that is wrong must not stop an upload for days
// The service does not tell what is not there from what is another's.
const GONE = new Set(["UPLOAD_NOT_FOUND", "NOT_FOUND"]);

// What the service answered; status 0 if it did not answer.
export class Problem extends Error {
  constructor(status, answer = {}, retryAfter = null) {
    const { code, message, place = "", cure = "" } = answer ?? {};
    super(message ?? (status ? `The service answered with status ${status}.` : "The service does not answer."));
    this.status = status;
    this.code = code ?? (status ? `HTTP_${status}` : "NO_ANSWER");
    this.place = place;
    this.cure = cure;
    this.retryAfterSeconds = secondsOf(retryAfter);
  }

  // Worth another try: no answer, too busy, no room, or broken on the other side.
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  get refusal() {
    return this.status >= 400 && this.status < 500 && !this.passing;
  }

  get gone() {
    return this.status === 404 && GONE.has(this.code);
  }
}

// The file itself fails: no further try can help, and the browser gives it back only if chosen anew.
export class Unreadable extends Error {
  cure = "Choose it again: if it is as it was, it goes on where it stopped; if not, it is sent anew.";

  constructor() {
    super("The file has changed since it was chosen, or cannot be read any more.");
  }
}

// A changed file fails like a broken line does, with status 0; only reading tells them apart.
export async function requireReadable(blob) {
  try {
    await blob.slice(0, 1).arrayBuffer();
  } catch {
    throw new Unreadable();
  }
}

function secondsOf(header) {
  if (!header) return 0;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? 0 : Math.min(Math.max(0, seconds), LONGEST_WISH_SECONDS);
}
