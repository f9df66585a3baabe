// Whether single keys act, as the reader chose on this device: who speaks to it, or hits keys by chance,
// switches them off. Loaded before the scripts that ask.
(function () {
  "use strict";
  const root = document.documentElement;

  function remembered() {
    try {
      return window.localStorage.getItem("keys") === "off" ? "off" : "on";
    } catch {
      return "on"; // storage is switched off
    }
  }

  root.dataset.singleKeys = remembered();
  for (const box of document.querySelectorAll("input[data-single-keys]")) {
    box.checked = root.dataset.singleKeys === "on";
    box.addEventListener("change", () => {
      root.dataset.singleKeys = box.checked ? "on" : "off";
      try {
        window.localStorage.setItem("keys", root.dataset.singleKeys);
      } catch {
        // not remembered, but done
      }
    });
  }
})();
