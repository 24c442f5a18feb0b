// Buttons that copy a text field: data-copy names the field, data-copied what is said afterwards.
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    const said = document.getElementById(`${button.dataset.copy}-said`);
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy"); // where the clipboard is closed to pages without TLS
      }
      said.textContent = button.dataset.copied;
    });
  }
})();
