// Wires allauth's passkey script to a form marked data-passkey: login, authenticate or add.
// The form holds a hidden field `credential` and a button, which stays hidden where no passkey works.
(function () {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential || !navigator.credentials) return;
  const kind = form.dataset.passkey;
  const button = form.querySelector("button");
  const ids = { [kind]: button.id, credential: form.elements.credential.id, data: "js_data" };
  if (form.elements.passwordless) ids.passwordless = form.elements.passwordless.id;
  window.allauth.webauthn.forms[`${kind}Form`]({ ids });
  button.hidden = false;

  // A passkey that signs in stays as long as the box beside the password says.
  const box = document.querySelector("input[type=checkbox][name=remember]");
  if (kind === "login" && box) {
    button.addEventListener("click", () => (form.elements.remember.value = box.checked ? "on" : ""));
  }

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const said = form.querySelector("[data-state]");
    said.textContent = "That did not work: the passkey was not used. Try again, or choose another way.";
  });
})();
