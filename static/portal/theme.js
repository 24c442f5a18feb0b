// Applies the chosen theme before the first paint; the DSFR's own script takes over once it is loaded.
(() => {
  "use strict";
  const root = document.documentElement;
  let scheme = null;
  try {
    scheme = localStorage.getItem("scheme");
  } catch {
    // Storage refused by the browser: the system's setting is used.
  }
  if (!["light", "dark", "system"].includes(scheme)) scheme = "system";
  const isDark = scheme === "dark" || (scheme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.frScheme = scheme;
  root.dataset.frTheme = isDark ? "dark" : "light";
})();
