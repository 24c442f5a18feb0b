// A slider beside each number of a scenario: moving one sets the other. Without this script the numbers stand alone.
(() => {
  "use strict";
  for (const group of document.querySelectorAll("[data-portal-slider]")) {
    const number = group.querySelector('input[type="number"]');
    const range = group.querySelector('input[type="range"]');
    // Capture: the form sends the number, so it must hold the new value before anything else hears of it.
    range.addEventListener("input", () => (number.value = range.value), true);
    number.addEventListener("input", () => {
      if (number.value === "") return;
      range.value = number.value;
      range.dispatchEvent(new Event("change"));
    });
  }
})();
