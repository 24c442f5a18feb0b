// HTMX on every page: the CSRF header, focus and fields after a swap, failures said aloud, messages closed.
(() => {
  "use strict";
  const meta = document.querySelector('meta[name="csrf-token"]');
  const failure = document.getElementById("request-failure");

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    detail.headers["X-CSRFToken"] = meta.content;
  });

  // --- Focus: HTMX restores it by id; what has no id, or is gone, must not send people to the page's top.
  let lostFocus = null;

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const pressed = detail.requestConfig?.elt;
    // A button that is disabled while it is answered has lost the focus already.
    const focused = document.activeElement === document.body && pressed?.disabled ? pressed : document.activeElement;
    lostFocus = null;
    if (detail.shouldSwap && detail.target.contains(focused)) {
      const isButton = focused.matches("button");
      const named = focused.name && `[name="${CSS.escape(focused.name)}"]`;
      const again = named && isButton ? `${named}[value="${CSS.escape(focused.value)}"]` : named;
      lostFocus = { id: focused.id, again, targetId: detail.target.id };
    }
  });

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (!lostFocus) return;
    const wanted = lostFocus;
    lostFocus = null;
    if (document.activeElement && document.activeElement !== document.body) return;
    const area = document.getElementById(wanted.targetId) || (detail.elt.isConnected ? detail.elt : null);
    const again =
      (wanted.id && document.getElementById(wanted.id)) ||
      (wanted.again && area && area.querySelector(wanted.again)) ||
      (area && area.querySelector("[data-focus-after-swap]")) ||
      area ||
      document.getElementById("content");
    if (again.tabIndex < 0 && !again.hasAttribute("tabindex")) again.setAttribute("tabindex", "-1");
    again.focus({ preventScroll: true });
  });

  // --- Fields: what people change while an answer is on its way stays as they left it; the answer knows nothing of it.
  const changedAt = new Map(); // id of a field → when
  let left = []; // such fields, as they were left

  for (const name of ["input", "change"]) {
    document.addEventListener(name, ({ target }) => target.id && changedAt.set(target.id, performance.now()), true);
  }

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    detail.requestConfig.sentAt = performance.now();
  });

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const since = detail.requestConfig.sentAt;
    const fields = [...changedAt].filter(([, at]) => at > since).map(([id]) => document.getElementById(id));
    left = fields.filter((field) => field && field.type !== "file" && (field.type !== "radio" || field.checked));
  });

  document.addEventListener("htmx:afterSwap", () => {
    for (const field of left) {
      const now = document.getElementById(field.id);
      if (now === field) continue;
      if (field.type === "radio") chooseAgain(field, now);
      else if (now) [now.value, now.checked] = [field.value, field.checked];
    }
  });

  // A choice that the answer no longer offers stays among those that it does. Each one is set, or HTMX would set it anew
  // with the answer's attributes.
  function chooseAgain(field, now) {
    const group = document.querySelectorAll(`input[type="radio"][name="${CSS.escape(field.name)}"]`);
    if (!now && group.length) group[0].closest(".fr-radio-group").after(field.closest(".fr-radio-group"));
    for (const choice of group) choice.checked = choice === now;
    field.checked = true;
  }

  // --- Failures: one alert at a time, the same text is not said twice in a row.
  function textFor(status) {
    return failure.getAttribute(`data-${status}`) || (status >= 500 ? failure.dataset["5xx"] : failure.dataset["4xx"]);
  }

  function showFailure(text) {
    if (failure.querySelector("p")?.textContent === text) return;
    const alert = document.createElement("div");
    alert.className = "fr-alert fr-alert--error fr-alert--sm";
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "fr-btn--close fr-btn";
    close.title = close.textContent = failure.dataset.close;
    close.dataset.portalDismiss = "";
    alert.append(paragraph, close);
    failure.replaceChildren(alert);
  }

  // A re-read after a hint is nobody's action: the line about the lost connection speaks for it.
  const isBackground = (detail) => detail.requestConfig?.triggeringEvent?.type === "live";

  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (!isBackground(detail) || detail.xhr.status < 500) showFailure(textFor(detail.xhr.status));
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, ({ detail }) => {
      if (!isBackground(detail)) showFailure(failure.dataset.network);
    });
  }
  document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
    if (detail.xhr.status < 400) failure.replaceChildren();
  });

  // --- Messages that can be closed: the focus goes to the content, not to the page's top.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-portal-dismiss]");
    if (!button) return;
    button.closest(".fr-alert, .fr-notice").remove();
    document.getElementById("content").focus({ preventScroll: true });
  });

  // Other scripts of a page speak through the same alert, with a text that a template gave them.
  window.visioPortal = { csrfToken: () => meta.content, showFailure };
})();
