// Loaded before the page is drawn, so that a dark page never flashes white.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is off: follow the system
    }
  };
  const apply = () => {
    root.dataset.bsTheme = chosen() ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", () => {
    const toggle = document.querySelector("[data-theme-toggle]");
    const name = toggle.querySelector("[data-theme-name]");
    const label = () => {
      name.textContent = root.dataset.bsTheme === "dark" ? "Light" : "Dark";
    };
    toggle.hidden = false;
    label();
    toggle.addEventListener("click", () => {
      const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("theme", next);
      } catch {
        // not remembered, but shown
      }
      root.dataset.bsTheme = next;
      label();
    });
  });
})();
