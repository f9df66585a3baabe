// The picture without reaching for its links: keys move and zoom, dragging moves, arrows go from day to day.
// Everything here is also a link on the page, so nothing is lost without it.
(function () {
  "use strict";
  const KEYS = { "[": "earlier", "]": "later", "+": "closer", "=": "closer", "-": "wider" };
  const SLIP = 6; // pixels under which a press is a click
  let drag = null;

  const picture = () => document.querySelector("figure.picture[data-first]");
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  function step(word) {
    const link = document.querySelector(`#course [data-step="${word}"]`);
    if (link) link.click();
  }

  function moved(pixels, width) {
    const figure = picture();
    const days = Number(figure.dataset.days);
    const by = Math.round((pixels / width) * days);
    if (!by) return;
    const first = new Date(`${figure.dataset.first}T00:00:00Z`);
    first.setUTCDate(first.getUTCDate() - by);
    const link = document.createElement("a");
    link.href = `?from=${first.toISOString().slice(0, 10)}&days=${days}`;
    const address = link.getAttribute("href");
    if (window.htmx) {
      const swap = { target: "#course", select: "#course", swap: "outerHTML show:none" };
      const ours = { htmx: true }; // so that going back asks for the page again
      window.history.replaceState(ours, "", window.location.href);
      window.htmx.ajax("GET", address, swap).then(() => window.history.pushState(ours, "", address));
    } else {
      window.location.assign(address);
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !picture()) return;
    const day = event.target.closest(".chart-day");
    if (day && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      const days = [...day.parentNode.querySelectorAll(".chart-day")];
      const next = days[days.indexOf(day) + (event.key === "ArrowLeft" ? -1 : 1)];
      if (!next) return;
      event.preventDefault();
      day.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    } else if (KEYS[event.key] && document.documentElement.dataset.singleKeys !== "off") {
      step(KEYS[event.key]);
    }
  });

  document.addEventListener("pointerdown", (event) => {
    const chart = event.target.closest(".picture-wide > .chart");
    drag = chart && event.button === 0 && event.pointerType === "mouse" ? { chart, x: event.clientX } : null;
  });
  document.addEventListener("pointermove", (event) => {
    if (drag && Math.abs(event.clientX - drag.x) > SLIP) drag.chart.classList.add("chart-dragged");
  });
  document.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const pixels = event.clientX - drag.x;
    const plot = drag.chart.getBoundingClientRect().width * (928 / 1180);
    drag.chart.classList.remove("chart-dragged");
    drag = null;
    if (Math.abs(pixels) <= SLIP) return;
    document.addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
    moved(pixels, plot);
  });
  document.addEventListener("dragstart", (event) => {
    if (event.target.closest && event.target.closest(".picture-wide")) event.preventDefault();
  });
})();
