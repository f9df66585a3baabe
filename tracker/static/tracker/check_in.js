// The check-in form, quicker: day and time of this device's zone, answers in one tap, and a
// second tap on an answer takes it back. The form works without it.
(function () {
  "use strict";
  const form = document.querySelector("form.check-in");
  if (!form) return;
  const fields = form.elements;
  const named = (name, value) => form.querySelector(`[name="${name}"][value="${value}"]`);

  // The server's clock, told in this device's zone: a wrong clock makes no entry of tomorrow.
  const skew = Date.now() - Number(form.dataset.now);
  let touched = false;

  function parts(zone, moment) {
    const format = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
    const found = Object.fromEntries(format.formatToParts(moment).map((part) => [part.type, part.value]));
    return { day: `${found.year}-${found.month}-${found.day}`, time: `${found.hour}:${found.minute}` };
  }

  function name(radio, word, noon) {
    radio.value = noon.toISOString().slice(0, 10);
    const day = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" });
    radio.nextElementSibling.textContent = word + ", " + day.format(noon).replace(",", "");
  }

  function keepTime() {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone || touched) return;
    const now = parts(zone, new Date(Date.now() - skew));
    const noon = new Date(now.day + "T12:00Z"); // whole days, whatever the clocks did in the night
    const [today, yesterday] = form.querySelectorAll('[name="day"]');
    name(today, "Today", noon);
    name(yesterday, "Yesterday", new Date(noon.getTime() - 24 * 3600 * 1000));
    fields.zone.value = zone;
    fields.at.value = now.time;
  }

  if (form.dataset.now) {
    keepTime();
    for (const event of ["pageshow", "focus"]) window.addEventListener(event, keepTime);
    fields.at.addEventListener("input", () => (touched = true));
    for (const radio of fields.day) radio.addEventListener("change", () => (touched = true));
  }

  for (const link of document.querySelectorAll("[data-fill]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      for (const [item, value] of Object.entries(JSON.parse(link.dataset.fill))) {
        const radio = named(item, value);
        if (radio) radio.checked = true;
      }
    });
  }

  // A tap on the answer that is chosen takes it back: not asked, which is not 0.
  let held = null;
  form.addEventListener("pointerdown", (event) => {
    const label = event.target.closest(".rating label");
    held = label && label.control.checked ? label.control : null;
  });
  form.addEventListener("click", (event) => {
    if (event.target === held) {
      held.checked = false;
      held = null;
    }
  });
})();
