// The meeting form: the repetition opens, the look ahead is asked for, Enter in a search searches. Without this script
// the same is done by its buttons.
(() => {
  "use strict";
  const form = document.getElementById("meeting-form");
  const field = (id) => document.getElementById(id);

  // --- How the meeting is repeated: what is filled in is what counts.
  function openRepetition() {
    field("repetition-more").open = field("id_frequency").value !== "never";
  }

  function choose(name, value) {
    const choice = form.querySelector(`input[name="${name}"][value="${value}"]`);
    if (choice) choice.checked = true;
  }

  form.addEventListener("input", ({ target }) => {
    if (target.id === "id_count" && target.value) choose("ends", "after");
    if (target.id === "id_until" && target.value) choose("ends", "on");
  });

  // --- The look ahead at dates, rooms and people.
  const LOOKED_AT = "#when, #id_organizer, #id_co_organizers, #id_attendees";

  form.addEventListener("change", ({ target }) => {
    if (target.id === "id_frequency") openRepetition();
    if (target.closest(LOOKED_AT)) field("look-ahead").dispatchEvent(new CustomEvent("look"));
  });

  // --- Enter in a search: the one who is found is invited, among several the first has the focus.
  let isAwaited = false; // what is found

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !["who", "room-sought"].includes(event.target.id)) return;
    event.preventDefault();
    if (event.target.id === "room-sought") {
      field("room-choices").querySelector("input:checked, input")?.focus();
    } else if (field("found").dataset.sought === event.target.value.trim()) {
      takeFound();
    } else {
      isAwaited = event.target.value.trim() !== "";
    }
  });

  function takeFound() {
    isAwaited = false;
    const buttons = [...field("found").querySelectorAll("[data-invite]")];
    if (buttons.length === 1) buttons[0].click();
    else buttons[0]?.focus();
  }

  document.addEventListener("htmx:afterSettle", () => {
    if (isAwaited && field("found").dataset.sought === field("who").value.trim()) takeFound();
  });
})();
