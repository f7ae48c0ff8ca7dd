// Shows the API's document. Nothing is asked of other sites: no validator, no fonts.
(() => {
  const place = document.getElementById("api");
  const root = document.documentElement;
  const follow = () => root.classList.toggle("dark-mode", root.dataset.bsTheme === "dark");
  follow();
  new MutationObserver(follow).observe(root, { attributeFilter: ["data-bs-theme"] });
  SwaggerUIBundle({
    domNode: place,
    url: place.dataset.document,
    validatorUrl: null,
    persistAuthorization: false, // a token stays in this page's memory
    withCredentials: false,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    deepLinking: false,
  });
})();
