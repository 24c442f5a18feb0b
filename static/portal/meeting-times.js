// A meeting whose start is moved keeps its length: the end follows. Fields appear anew when parts of a page do.
(() => {
  "use strict";
  const DAY = 24 * 60; // minutes
  let length = null;

  const field = (name) => document.getElementById(`id_${name}_time`);

  function minutes(name) {
    const [hours, rest] = field(name).value.split(":").map(Number);
    return Number.isFinite(rest) ? hours * 60 + rest : null;
  }

  function measure() {
    const [start, end] = [minutes("start"), minutes("end")];
    length = start === null || end === null ? null : (end - start + DAY) % DAY;
  }

  function follow() {
    const start = minutes("start");
    if (start === null || length === null) return;
    const end = (start + length) % DAY;
    field("end").value = [Math.floor(end / 60), end % 60].map((part) => String(part).padStart(2, "0")).join(":");
  }

  // Before others hear of the change: what they send is complete.
  document.addEventListener(
    "change",
    ({ target }) => {
      if (target === field("start")) follow();
      if (target === field("end")) measure();
    },
    true,
  );
  document.addEventListener("htmx:afterSettle", measure);
  measure();
})();
