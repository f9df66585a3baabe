// Light, dark, or what the device prefers. Loaded in the head, before the
// stylesheets, so that a dark page never flashes white. The choice is kept under
// the same key and words as the admin site's own switch, so both agree.
(function () {
  "use strict";
  const root = document.documentElement;
  const device = window.matchMedia("(prefers-color-scheme: dark)");
  const next = { auto: "light", light: "dark", dark: "auto" };

  function remembered() {
    try {
      const choice = window.localStorage.getItem("theme");
      return choice in next ? choice : "auto";
    } catch {
      return "auto"; // storage is switched off
    }
  }

  function show(choice) {
    const dark = choice === "dark" || (choice === "auto" && device.matches);
    root.dataset.bsTheme = dark ? "dark" : "light";
    root.dataset.themeChoice = choice;
    for (const label of document.querySelectorAll("[data-theme-label]")) {
      label.textContent = label.dataset[choice]; // in the page's language
      label.parentElement.title = label.dataset[choice].split(".")[0];
    }
  }

  function turn() {
    const choice = next[root.dataset.themeChoice];
    try {
      window.localStorage.setItem("theme", choice);
    } catch {
      // not remembered, but still shown
    }
    show(choice);
  }

  show(remembered());
  device.addEventListener("change", () => show(remembered()));
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.addEventListener("click", turn);
    }
    show(root.dataset.themeChoice);
  });
})();
