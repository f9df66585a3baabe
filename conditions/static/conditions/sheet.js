// Reads a chosen CSV file into the field of its cells, so that nothing is uploaded.
"use strict";

(() => {
  const place = document.getElementById("sheet-file");
  const chosen = document.getElementById("sheet-chosen");
  const cells = document.getElementById("id_text");
  if (!place || !chosen || !cells) return;
  place.hidden = false;
  chosen.addEventListener("change", async () => {
    const [file] = chosen.files;
    if (file) cells.value = await file.text();
  });
})();
