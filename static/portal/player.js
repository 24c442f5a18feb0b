// The player of a transcript: a line is played by a click or by Enter, the line that is heard is marked.
(() => {
  "use strict";
  const player = document.getElementById("player");
  const sound = document.getElementById("sound");
  const lines = document.getElementById("lines");
  if (!player) return;

  // A lost race over a name is answered in the form's own place.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.xhr.status !== 409 || !detail.elt.closest("[data-swap-conflict]")) return;
    detail.shouldSwap = true;
    detail.isError = false;
  });

  if (!sound) {
    for (const button of document.querySelectorAll("[data-seek]")) button.disabled = true;
    return;
  }

  const LEAVE_SCROLLING_MS = 4000; // after the reader scrolled, the text does not follow for so long
  const play = document.getElementById("play");
  const seek = document.getElementById("seek");
  const position = document.getElementById("position");
  const speaking = document.getElementById("speaking");
  const follow = document.getElementById("follow");
  const message = document.getElementById("player-message");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  let known = []; // the lines on the page, in time
  let current = null;
  let until = null; // where an excerpt ends, in seconds
  let scrolledAt = 0;

  sound.removeAttribute("controls");
  sound.hidden = true;
  document.getElementById("controls").hidden = false;
  document.getElementById("timeline").hidden = false;

  function clock(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    const rest = String(whole % 60).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  }

  const say = (text) => {
    if (message.textContent.trim() !== text) message.textContent = text;
  };
  const cannotPlay = () => say(player.dataset.labelMissing);

  function start() {
    sound.play().catch((error) => {
      if (error.name !== "AbortError") cannotPlay();
    });
  }

  function toggle() {
    until = null;
    if (sound.paused) start();
    else sound.pause();
  }

  function playFrom(seconds, end = null) {
    until = end;
    sound.currentTime = seconds;
    scrolledAt = 0;
    start();
    mark();
    say([`${player.dataset.labelPlaying} ${clock(seconds)}`, speaking.textContent].filter(Boolean).join(" – "));
  }

  // --- Lines --------------------------------------------------------------------------------------------

  const buttonOf = (line) => line.querySelector("[data-seek]");
  const nameOf = (line) => line?.querySelector("p")?.textContent.trim() ?? "";

  function readLines() {
    if (!lines) return;
    known = [...lines.querySelectorAll(".transcript-line")].map((element) => ({
      element,
      start: Number(element.dataset.start),
      end: Number(element.dataset.end),
    }));
    // One tab stop for the whole text: the arrow keys go from line to line.
    const stop = known.find(({ element }) => buttonOf(element).tabIndex === 0 && element.hasAttribute("data-stop"));
    for (const { element } of known) buttonOf(element).tabIndex = -1;
    if (known.length) makeStop(stop ? stop.element : known[0].element);
  }

  function makeStop(element) {
    const former = lines.querySelector("[data-stop]");
    if (former && former !== element) {
      former.removeAttribute("data-stop");
      buttonOf(former).tabIndex = -1;
    }
    element.setAttribute("data-stop", "");
    buttonOf(element).tabIndex = 0;
  }

  function lineAt(seconds) {
    let low = 0;
    let high = known.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (known[middle].start <= seconds + 0.05) low = middle + 1;
      else high = middle;
    }
    return known[low - 1] ?? null;
  }

  function mark() {
    const isUnheard = sound.paused && sound.currentTime === 0;
    const line = isUnheard ? null : lineAt(sound.currentTime);
    if (line?.element === current) return;
    current?.removeAttribute("aria-current");
    current = line?.element ?? null;
    current?.setAttribute("aria-current", "true");
    speaking.textContent = nameOf(current);
    if (current && !sound.paused) bringIntoView(current);
  }

  function bringIntoView(element) {
    if (!follow.checked || Date.now() - scrolledAt < LEAVE_SCROLLING_MS) return;
    const box = element.getBoundingClientRect();
    const top = player.getBoundingClientRect().bottom;
    if (box.top >= top && box.bottom <= innerHeight) return;
    element.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  }

  function fetchMore() {
    const more = document.querySelector("#more-lines a");
    if (more && known.length && sound.currentTime > known[known.length - 1].end) htmx.trigger(more, "more-lines");
  }

  function moveFocus(event) {
    const button = event.target.closest(".transcript-line__play");
    if (!button) return;
    const place = known.findIndex(({ element }) => element.contains(button));
    const targets = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: known.length - 1 };
    const wanted = known[targets[event.key]];
    if (event.key === " ") toggle();
    else if (wanted) buttonOf(wanted.element).focus();
    else if (!(event.key in targets)) return;
    event.preventDefault();
  }

  lines?.addEventListener("keydown", moveFocus);
  // A button is pressed when Space is let go, which moveFocus has used already.
  lines?.addEventListener("keyup", (event) => {
    if (event.key === " " && event.target.closest(".transcript-line__play")) event.preventDefault();
  });
  lines?.addEventListener("focusin", (event) => {
    const line = event.target.closest(".transcript-line");
    if (line) makeStop(line);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-seek]");
    if (button) {
      playFrom(Number(button.dataset.seek), button.dataset.until ? Number(button.dataset.until) : null);
      return;
    }
    const line = event.target.closest(".transcript-line");
    if (line && getSelection().isCollapsed) playFrom(Number(line.dataset.start));
  });

  // --- Controls -----------------------------------------------------------------------------------------

  play.addEventListener("click", toggle);
  for (const button of player.querySelectorAll("[data-skip]")) {
    button.addEventListener("click", () => {
      until = null;
      sound.currentTime = Math.max(0, sound.currentTime + Number(button.dataset.skip));
    });
  }
  document.getElementById("speed").addEventListener("change", (event) => {
    sound.playbackRate = Number(event.target.value);
  });
  seek.addEventListener("input", () => {
    until = null;
    sound.currentTime = Number(seek.value);
    show();
  });

  function show() {
    const now = sound.currentTime;
    position.textContent = clock(now);
    seek.value = now;
    seek.setAttribute("aria-valuetext", [clock(now), speaking.textContent].filter(Boolean).join(" – "));
  }

  function showState() {
    const label = sound.paused ? player.dataset.labelPlay : player.dataset.labelPause;
    play.title = play.textContent = label;
    play.classList.toggle("fr-icon-play-circle-fill", sound.paused);
    play.classList.toggle("fr-icon-pause-circle-fill", !sound.paused);
  }

  sound.addEventListener("timeupdate", () => {
    if (until !== null && sound.currentTime >= until) {
      until = null;
      sound.pause();
    }
    mark();
    show();
    fetchMore();
  });
  sound.addEventListener("seeked", () => {
    mark();
    show();
  });
  for (const name of ["play", "pause", "ended"]) sound.addEventListener(name, showState);
  sound.addEventListener("error", cannotPlay);
  sound.addEventListener("playing", () => {
    if (message.textContent === player.dataset.labelMissing) say("");
  });
  for (const name of ["wheel", "touchmove"]) {
    addEventListener(name, () => (scrolledAt = Date.now()), { passive: true });
  }

  document.addEventListener("htmx:afterSettle", () => {
    readLines();
    current = null;
    for (const element of document.querySelectorAll(".transcript-line[aria-current]")) {
      element.removeAttribute("aria-current");
    }
    mark();
    fetchMore();
  });
  readLines();
})();
