// Forms marked data-keep are sent only while the session lives. When it has ended, sign-in opens
// over the live form, and nothing typed is lost. Without this script the server keeps the text.
// data-probe: a cheap address for the signed-in, which gives {csrf}; data-sign-in: the sign-in page.
(function () {
  "use strict";
  const asScript = { "X-Requested-With": "XMLHttpRequest" };

  const say = (form, words) => (form.querySelector("[data-state]").textContent = words);

  function busy(form, sending) {
    for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = sending;
    say(form, sending ? "Saving …" : "");
  }

  async function send(form) {
    const answer = await fetch(form.dataset.probe, { headers: asScript, cache: "no-store" });
    if (answer.status === 401) return ask(form);
    if (answer.ok) form.elements.csrfmiddlewaretoken.value = (await answer.json()).csrf;
    form.submit(); // what else the server has to say, it says on the next page
  }

  async function ask(form) {
    const page = await (await fetch(form.dataset.signIn)).text();
    const parsed = new DOMParser().parseFromString(page, "text/html");
    const entry = parsed.querySelector('main form[method="post"]');
    if (!entry) return form.submit();
    busy(form, false);
    const dialog = document.createElement("dialog");
    dialog.className = "session-dialog";
    dialog.setAttribute("aria-labelledby", "session-title");
    const title = document.createElement("h2");
    Object.assign(title, { id: "session-title", textContent: "Sign in again" });
    const why = document.createElement("p");
    why.setAttribute("role", "status");
    why.textContent = "You were signed out. What you typed is still here.";
    const back = document.createElement("button");
    Object.assign(back, { type: "button", className: "btn btn-link w-100", textContent: "Not now" });
    back.addEventListener("click", () => dialog.close());
    dialog.append(title, why, document.adoptNode(entry), back);
    dialog.addEventListener("close", () => dialog.remove());
    entry.addEventListener("submit", (event) => {
      event.preventDefault();
      signIn(form, dialog, entry, why).catch(() => (why.textContent = "No connection. Try again."));
    });
    document.body.append(dialog);
    dialog.showModal();
    entry.querySelector("input:not([type=hidden])").focus();
  }

  async function signIn(form, dialog, entry, why) {
    const address = entry.getAttribute("action");
    const answer = await fetch(address, { method: "POST", body: new FormData(entry), headers: asScript });
    const told = await answer.json().catch(() => ({}));
    if (answer.status === 400 && told.form) {
      const fields = Object.values(told.form.fields).flatMap((field) => field.errors);
      why.textContent = [...told.form.errors, ...fields].join(" ");
      return;
    }
    dialog.close();
    busy(form, true);
    const alive = await fetch(form.dataset.probe, { headers: asScript, cache: "no-store" });
    // A second step is still to come: the server keeps the text until it is done.
    if (alive.ok) form.elements.csrfmiddlewaretoken.value = (await alive.json()).csrf;
    form.submit();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-keep]");
    if (!form) return;
    event.preventDefault();
    busy(form, true);
    send(form).catch(() => {
      busy(form, false);
      say(form, "No connection. What you typed is still here. Try again in a moment.");
    });
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-keep]").forEach((form) => busy(form, false)));
})();
