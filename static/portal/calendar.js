// Arrow keys in a calendar: from a day to the ones beside, above and below it; past the edge, into the next days.
//   <ol id="days" data-day-address="/t/…/calendar/?view=week&on=DAY">  <a data-day="2026-11-23">
// The days that are shown may be replaced at any time: nothing is kept but what stands in the page.
(() => {
  "use strict";
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  const ONE_DAY_MS = 24 * 60 * 60 * 1000;

  const linkOf = (day) => document.querySelector(`#days [data-day="${CSS.escape(day)}"]`);

  document.addEventListener("keydown", (event) => {
    const link = event.target.closest?.("#days [data-day]");
    const step = STEPS[event.key];
    if (!link || !step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const wanted = new Date(Date.parse(link.dataset.day) + step * ONE_DAY_MS).toISOString().slice(0, 10);
    const target = linkOf(wanted);
    if (target) target.focus();
    else location.assign(link.closest("#days").dataset.dayAddress.replace("DAY", wanted) + `#day-${wanted}`);
  });

  const arrived = location.hash.startsWith("#day-") ? linkOf(location.hash.slice(5)) : null;
  arrived?.focus();
})();
