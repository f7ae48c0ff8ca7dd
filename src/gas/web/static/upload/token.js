// The token of this session's forms; who signs in again in another tab makes this page's one void.
import { freshPage, tokenOf } from "./fresh.js";

let renewal = null; // one for all the parts that are refused at once

// What `send(token)` gives; sent a second time with a fresh token if the first was of another session.
export async function withToken(send) {
  const used = tokenOf(document);
  try {
    return await send(used);
  } catch (problem) {
    if (problem.code !== "FORM_EXPIRED") throw problem;
    if (tokenOf(document) === used) {
      renewal ??= renew().finally(() => {
        renewal = null;
      });
      await renewal;
    }
    return send(tokenOf(document));
  }
}

async function renew() {
  const fresh = tokenOf(await freshPage());
  document.querySelector('meta[name="csrf-token"]').content = fresh;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = fresh;
}
