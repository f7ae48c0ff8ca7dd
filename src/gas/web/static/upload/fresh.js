// The page as the service would give it now, to take something newer from it.
import { Problem } from "./problem.js";

export async function freshPage() {
  let response;
  let text;
  try {
    response = await fetch(location.pathname, { headers: { Accept: "text/html" }, cache: "no-store" });
    text = await response.text();
  } catch {
    throw new Problem(0);
  }
  if (!response.ok) throw new Problem(response.status, {}, response.headers.get("Retry-After"));
  const page = new DOMParser().parseFromString(text, "text/html");
  // Without a session it is the page to sign in on, which has no token.
  if (!tokenOf(page)) throw new Problem(401, { code: "SIGN_IN_FIRST", message: "You are not signed in." });
  return page;
}

export function tokenOf(page) {
  return page.querySelector('meta[name="csrf-token"]')?.content;
}
