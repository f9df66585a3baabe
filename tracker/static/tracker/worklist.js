// The worklist by keys and with a panel beside it. Everything here is a convenience over plain links
// and forms. A row's link carries hx-get and is asked by the event "look"; an answer for any row but the
// last one opened is never shown, whenever it comes.
(function () {
  "use strict";
  const panel = document.getElementById("glance");
  const body = document.getElementById("glance-body");
  const keys = document.getElementById("keys");
  const links = () => [...document.querySelectorAll("a[data-open]")];
  let opened = null; // the link whose patient the panel shows or waits for
  let toReview = false;

  function typing(target) {
    return target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  }

  // The row where the reader is, or was before the panel took the focus.
  function current() {
    const row = document.activeElement.closest("tr");
    return (row && row.querySelector("a[data-open]")) || opened || document.querySelector("tr.is-current a[data-open]");
  }

  function goTo(link) {
    document.querySelector("tr.is-current")?.classList.remove("is-current");
    link.closest("tr").classList.add("is-current");
    link.focus();
    link.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    const all = links();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
    if (panel && !panel.hidden) open(next, false); // the panel never shows another than the marked row
    else goTo(next);
  }

  const wait = (words) => (panel.querySelector("[data-wait]").textContent = words);
  const unsaved = () => [...body.querySelectorAll("textarea")].some((field) => field.value.trim());
  const mayLeave = () => panel.hidden || !unsaved() || window.confirm("Leave without saving what you typed?");

  function open(link, review) {
    if (!panel || !window.htmx) return window.location.assign(link.href);
    if (link === opened && !panel.hidden && body.firstElementChild) return arrive(review);
    if (!mayLeave()) return;
    goTo(link);
    opened = link;
    toReview = review;
    body.replaceChildren();
    panel.hidden = false;
    wait("Loading …");
    window.htmx.trigger(link, "look");
  }

  function close() {
    if (!mayLeave()) return;
    panel.hidden = true;
    body.replaceChildren();
    if (opened) goTo(opened);
    opened = null;
  }

  function arrive(review) {
    const field = review && body.querySelector("#review input:not([type=hidden]), #review textarea");
    (field || document.getElementById("glance-title")).focus();
  }

  function failed() {
    wait("This could not be loaded. ");
    const link = document.createElement("a");
    Object.assign(link, { href: opened.href, textContent: "Open the whole page" });
    panel.querySelector("[data-wait]").append(link);
  }

  function undo() {
    document.querySelector("form[data-undo]")?.requestSubmit();
  }

  function tick() {
    current()?.closest("tr").querySelector("input[type=checkbox]")?.click();
  }

  const acts = {
    j: () => move(1),
    k: () => move(-1),
    o: () => current() && open(current(), false),
    r: () => current() && open(current(), true),
    u: undo,
    x: tick,
    "/": () => document.querySelector("form[role=search] input[type=search]")?.focus(),
    "?": () => keys?.showModal(),
  };

  // Any other way out: a link of the page, back, a closed tab.
  let sent = false;
  document.addEventListener("submit", (event) => (sent = Boolean(body?.contains(event.target))));
  body?.addEventListener("input", () => (sent = false)); // a submission that was stopped sent nothing
  window.addEventListener("pageshow", () => (sent = false));
  window.addEventListener("beforeunload", (event) => {
    if (panel && !panel.hidden && !sent && unsaved()) event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys?.open) return;
    if (event.key === "Escape" && panel && !panel.hidden) {
      event.preventDefault();
      return close();
    }
    if (document.documentElement.dataset.singleKeys === "off" || typing(event.target)) return;
    if (!links().length || !acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-open]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      open(link, false);
    }
    if (event.target.closest("[data-close]")) close();
    if (event.target.closest("[data-keys]")) keys.showModal();
    if (event.target.closest("[data-print]")) window.print();
    const copy = event.target.closest("[data-copy]");
    if (copy) toClipboard(document.getElementById(copy.dataset.copy));
  });

  async function toClipboard(field) {
    const said = document.querySelector("[data-copied]");
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied.";
    } catch {
      field.select(); // no clipboard without TLS
      said.textContent = "Press Ctrl+C to copy.";
    }
  }

  document.addEventListener("change", () => {
    const said = document.querySelector("[data-count]");
    const number = document.querySelectorAll("input[name=patient]:checked").length;
    if (said) said.textContent = number ? `With the ${number} ticked:` : "With the ticked patients:";
  });

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== body) return;
    const stale = event.detail.requestConfig.elt !== opened || body.firstElementChild;
    if (panel.hidden || stale) event.detail.shouldSwap = false;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== body) return;
    wait("");
    panel.scrollTop = 0;
    arrive(toReview);
  });
  for (const name of ["htmx:responseError", "htmx:sendError"]) {
    document.body.addEventListener(name, (event) => {
      if (event.detail.target === body && event.detail.requestConfig.elt === opened) failed();
    });
  }
  for (const button of document.querySelectorAll("[data-keys], [data-print], [data-copy]")) button.hidden = false;
})();
