// A real OpenID Connect provider for the tests, on a port of its own of 127.0.0.1:
//   node provider.mjs plain|globus RETURN_URL HOME_URL
// prints its issuer, and ends with its standard input. People sign in by name, with any password.
//
// plain:  PKCE is required, claims by the userinfo endpoint, end-session endpoint, rotating refresh.
// globus: the routes of auth.globus.org, RS512, claims in the ID token, no PKCE listed, no `iss` in its
//         answers, refresh by access_type=offline, and a page for signing out instead of an
//         end-session endpoint.
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const [shape, returnUrl, homeUrl] = process.argv.slice(2);
const globus = shape === "globus";
const algorithm = globus ? "RS512" : "RS256";
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), alg: algorithm, use: "sig", kid: "first" };

const people = {
  ada: { name: "Ada Lovelace", organization: "Analytical Engines" },
  mallory: { name: '<script>alert(1)</script>"><img src=x>', organization: "x\u202e\r\nBcc: all\u0000" },
  nobody: { email: undefined, name: undefined },
  unproven: { email_verified: false },
};
const linked = {
  ada: { sub: "ada-at-home", username: "ada@linked.example", email: "ada@linked.example", organization: "Linked Institute" },
  eve: { sub: "ada", username: "ada@example.org", email: "ada@example.org", organization: "Linked Institute" },
};
const gone = new Set();
const offline = new Set();
const given = []; // every token, with whose it is
const revoked = new Set(); // by name; the rest of a grant goes along
const claimsOf = (id) => {
  const own = { sub: id, email: `${id}@example.org`, name: id, ...people[id] };
  return { email_verified: true, ...own, identity_set: [own, ...(linked[id] ? [linked[id]] : [])] };
};

const routes = {
  authorization: "/v2/oauth2/authorize",
  token: "/v2/oauth2/token",
  userinfo: "/v2/oauth2/userinfo",
  revocation: "/v2/oauth2/token/revoke",
  jwks: "/jwk.json",
};

const configuration = {
  clients: [{
    client_id: "gas",
    client_secret: "s3cret-of-the-tests",
    redirect_uris: [returnUrl],
    post_logout_redirect_uris: [homeUrl],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "client_secret_basic",
    id_token_signed_response_alg: algorithm,
  }],
  jwks: { keys: [key] },
  cookies: { keys: ["of the tests"] },
  enabledJWA: { idTokenSigningAlgValues: [algorithm] },
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name", "organization", "identity_provider_display_name", "identity_set"],
  },
  conformIdTokenClaims: !globus,
  extraParams: ["access_type"],
  features: {
    devInteractions: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true },
    rpInitiatedLogout: { enabled: !globus },
  },
  findAccount: (_, id) => (gone.has(id) ? undefined : { accountId: id, claims: () => claimsOf(id) }),
  issueRefreshToken: (_, client, code) =>
    client.grantTypeAllowed("refresh_token") && (!globus || offline.has(code.grantId)),
  rotateRefreshToken: !globus,
  pkce: { required: () => !globus },
  ...(globus && { routes }),
};

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  provider.on("authorization.success", (ctx) => {
    if (ctx.oidc.params.access_type === "offline") offline.add(ctx.oidc.entities.Grant.jti);
  });
  provider.use(async (ctx, next) => {
    if (ctx.path === "/tests/gone") {
      // the institution lets somebody go, or takes them back
      const change = ctx.query.back ? "delete" : "add";
      gone[change](ctx.query.who);
      ctx.body = "";
      return;
    }
    if (ctx.path === "/tests/tokens") {
      const theirs = given.filter((token) => token.who === ctx.query.who);
      const found = await Promise.all(theirs.map(({ kind, value }) => provider[kind].find(value)));
      const renewals = theirs.filter(({ kind, renewed }) => kind === "AccessToken" && renewed).length;
      const returned = theirs.filter(({ value }) => revoked.has(value)).length;
      ctx.body = { renewals, returned, live: found.filter(Boolean).length };
      return;
    }
    if (globus && ctx.path === "/v2/web/logout") {
      await (await provider.Session.get(ctx)).destroy();
      const { redirect_uri: back, redirect_name: name } = ctx.query;
      ctx.type = "html";
      ctx.body = `<h1>You are signed out</h1><a href="${encodeURI(back)}">Continue to ${encodeURI(name)}</a>`;
      return;
    }
    await next();
    if (ctx.oidc?.route === "token" && ctx.body?.access_token) {
      const whose = { who: ctx.oidc.account.accountId, renewed: ctx.oidc.params.grant_type === "refresh_token" };
      given.push({ ...whose, kind: "AccessToken", value: ctx.body.access_token });
      if (ctx.body.refresh_token) given.push({ ...whose, kind: "RefreshToken", value: ctx.body.refresh_token });
    }
    if (ctx.oidc?.route === "revocation" && ctx.status === 200) revoked.add(ctx.oidc.params.token);
    if (!globus) return;
    const answer = ctx.response.get("Location");
    if (answer?.startsWith(returnUrl)) {
      const bare = new URL(answer);
      bare.searchParams.delete("iss");
      ctx.set("Location", bare.href);
    }
    if (ctx.oidc?.route === "discovery") {
      for (const name of ["code_challenge_methods_supported", "introspection_endpoint",
        "authorization_response_iss_parameter_supported"]) delete ctx.body[name];
    }
    if (ctx.oidc?.route === "token" && ctx.body?.access_token) {
      Object.assign(ctx.body, { resource_server: "auth.globus.org", other_tokens: [] });
    }
  });
  server.on("request", provider.callback());
  console.log(`ISSUER ${issuer}`);
});
process.stdin.on("end", () => process.exit(0)).resume();
