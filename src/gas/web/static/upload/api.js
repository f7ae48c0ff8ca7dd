// Speaks to the service. What it refuses comes back as a Problem with its code and cure.
const token = () => document.querySelector('meta[name="csrf-token"]').content;

export class Problem extends Error {
  constructor(status, { code = "NO_ANSWER", message = "The service does not answer.", place = "", cure = "" } = {}) {
    super(message);
    Object.assign(this, { status, code, place, cure });
  }

  // Worth another try: no answer, too busy, or broken on the other side.
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || (this.status >= 500 && this.status !== 507);
  }
}

export async function call(method, url, body) {
  let response;
  try {
    response = await fetch(url, {
      method,
      headers: { "X-CSRFToken": token(), Accept: "application/json", ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Problem(0);
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, answer);
  return answer;
}

// XMLHttpRequest, because fetch does not say how much of a body has gone out.
export function putPart(url, blob, { onSent, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open("PUT", url);
    request.setRequestHeader("X-CSRFToken", token());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => (request.status < 300 ? resolve() : reject(new Problem(request.status, request.response ?? {})));
    request.onerror = () => reject(new Problem(0));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    request.send(blob);
  });
}
