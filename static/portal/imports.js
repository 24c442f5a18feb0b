// A form with a file that can be dropped anywhere on it; the field itself works without this.
(() => {
  "use strict";
  const OVER = "portal-drop--over";

  for (const zone of document.querySelectorAll("[data-drop-zone]")) {
    const input = zone.querySelector('input[type="file"]');
    const isFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

    zone.addEventListener("dragover", (event) => {
      if (!isFile(event) || input.disabled) return;
      event.preventDefault();
      zone.classList.add(OVER);
    });
    zone.addEventListener("dragleave", (event) => {
      if (!zone.contains(event.relatedTarget)) zone.classList.remove(OVER);
    });
    zone.addEventListener("drop", (event) => {
      zone.classList.remove(OVER);
      if (!isFile(event) || input.disabled) return;
      event.preventDefault();
      const chosen = new DataTransfer();
      chosen.items.add(event.dataTransfer.files[0]);
      input.files = chosen.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      zone.querySelector('button[type="submit"]').focus();
    });
  }
})();
