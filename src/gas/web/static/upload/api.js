// Speaks to the service. What it refuses comes back as a Problem with its code and cure.
import { Problem } from "./problem.js";
import { withToken } from "./token.js";

export function call(method, url, body, signal) {
  return withToken((token) => callOnce(method, url, { body, signal, token }));
}

async function callOnce(method, url, { body, signal, token }) {
  let response;
  let answer = null;
  try {
    response = await fetch(url, {
      method,
      headers: { "X-CSRFToken": token, Accept: "application/json", ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
      signal,
    });
    if (response.status !== 204) answer = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (!response || response.ok) throw new Problem(0); // an answer that breaks off is none
  }
  if (!response.ok) throw new Problem(response.status, answer, response.headers.get("Retry-After"));
  return answer;
}

export function putPart(url, blob, { onSent, signal }) {
  return withToken((token) => putOnce(url, blob, { onSent, signal, token }));
}

// XMLHttpRequest, because fetch does not say how much of a body has gone out.
function putOnce(url, blob, { onSent, signal, token }) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open("PUT", url);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => {
      const { status, response } = request;
      if (status < 300) resolve();
      else reject(new Problem(status, response, request.getResponseHeader("Retry-After")));
    };
    request.onerror = () => reject(new Problem(0));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    request.send(blob);
  });
}
