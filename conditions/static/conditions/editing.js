// Editing pages: unsaved text is kept on the server, the preview follows what is typed, and Ctrl or
// Cmd with S saves. Without this script the buttons “Preview” and “Save” do the same.
(function () {
  "use strict";
  const asScript = { "X-Requested-With": "XMLHttpRequest" };
  const KEEP_AFTER = 1500, SHOW_AFTER = 400; // milliseconds without a key

  function post(form, button, signal) {
    const body = new URLSearchParams(new FormData(form));
    body.set(button, "1");
    return fetch(location.pathname, { method: "POST", headers: asScript, body, signal });
  }

  // Calls `act` once when nothing has been typed for a while; a newer call stops what still runs.
  function later(act, after) {
    let waiting, running;
    const stop = () => {
      clearTimeout(waiting);
      if (running) running.abort();
    };
    const start = () => {
      stop();
      waiting = setTimeout(() => {
        running = new AbortController();
        act(running.signal).catch((error) => error.name === "AbortError" || console.warn(error.name));
      }, after);
    };
    return { start, stop };
  }

  async function keep(form, signal) {
    const state = form.querySelector("[data-kept]");
    if (form.querySelector("[data-left]") || !state) return;
    const answer = await post(form, "_keep", signal);
    state.textContent = answer.ok
      ? `Unsaved text kept at ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}.`
      : "Unsaved text is not being kept. Sign in again in another tab, then go on.";
  }

  async function show(form, region, signal) {
    const answer = await post(form, "_preview", signal);
    if (answer.ok && !answer.redirected) region.innerHTML = await answer.text(); // cleaned by the server
  }

  function watch(form) {
    const region = document.getElementById("preview");
    const acts = [later((signal) => keep(form, signal), KEEP_AFTER)];
    if (region) acts.push(later((signal) => show(form, region, signal), SHOW_AFTER));
    const typed = () => acts.forEach((act) => act.start());
    form.addEventListener("input", typed);
    form.addEventListener("change", typed);
    form.addEventListener("submit", () => acts.forEach((act) => act.stop()));
    if (region) acts[1].start();
  }

  function save(event, form) {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const button = form.querySelector('[name="_continue"]') || form.querySelector('[name="_save"]');
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  }

  // A new row stands before the link that adds it, so whoever goes by keys would have to come back.
  function enter(event) {
    const first = event.target.querySelector("input:not([type=hidden]), select, textarea");
    if (first) first.focus();
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("#content-main form[id$=_form]");
    if (!form) return;
    document.addEventListener("keydown", (event) => save(event, form));
    document.addEventListener("formset:added", enter);
    if (form.querySelector("[data-kept]")) watch(form);
    const conflict = document.getElementById("conflict");
    if (conflict) conflict.focus();
    document.documentElement.dataset.editing = "ready";
  });
})();
