// Live parts. One WebSocket for the page; a message is a hint, so the part reads itself again:
//   <div data-live-topic="job:<uuid>" hx-get="…" hx-trigger="live">
// Elements that appear later (after a swap) are followed too. The portal confirms each subscription with a
// first hint, so a part also reads what happened before it was followed, at first and after a reconnection.
(() => {
  "use strict";
  const FIRST_RETRY_MS = 1000;
  const LONGEST_RETRY_MS = 30000;
  const SAY_LOST_AFTER_MS = 5000;
  const QUIET_MS = 400; // hints of one topic within this time become one reading

  const status = document.getElementById("live-status");
  const path = document.body.dataset.liveUrl;
  if (!path || !status) return;

  let socket = null;
  let attempts = 0;
  let retryTimer = null;
  let sayLostTimer = null;
  let isLeaving = false;
  const subscribed = new Set();
  const pending = new Map(); // topic → its last hint, until the next reading may begin

  const parts = () => [...document.querySelectorAll("[data-live-topic]")];
  // One reading after the other: an answer may replace other parts too and show less than they were told of, and
  // what it puts into the page hears nothing before HTMX has settled it.
  const isReading = () => document.querySelector("[data-live-topic].htmx-request, .htmx-added") !== null;

  function hint(topic, detail) {
    const waiting = pending.get(topic);
    if (waiting) {
      waiting.detail = detail;
      waiting.again = true;
      return;
    }
    const entry = { detail, again: isReading() };
    pending.set(topic, entry);
    if (!entry.again) read(topic, detail);
    setTimeout(() => rested(topic, entry), QUIET_MS);
  }

  function read(topic, detail) {
    for (const element of parts()) {
      if (element.dataset.liveTopic === topic) element.dispatchEvent(new CustomEvent("live", { detail, bubbles: false }));
    }
  }

  function rested(topic, entry) {
    if (isReading()) {
      setTimeout(() => rested(topic, entry), QUIET_MS);
      return;
    }
    pending.delete(topic);
    if (entry.again) hint(topic, entry.detail);
  }

  function subscribe() {
    const topics = new Set(parts().map((element) => element.dataset.liveTopic));
    if (topics.size && !socket && !retryTimer) connect();
    if (socket?.readyState !== WebSocket.OPEN) return;
    for (const topic of topics) {
      if (subscribed.has(topic)) continue;
      subscribed.add(topic);
      socket.send(JSON.stringify({ subscribe: topic }));
    }
  }

  function connect() {
    retryTimer = null;
    const address = new URL(path, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(address);
    socket.addEventListener("open", opened);
    socket.addEventListener("message", received);
    socket.addEventListener("close", closed);
  }

  function opened() {
    attempts = 0;
    clearTimeout(sayLostTimer);
    sayLostTimer = null;
    say("");
    subscribed.clear();
    subscribe();
  }

  function received(event) {
    const message = JSON.parse(event.data);
    if (!message.topic || message.event === undefined) return;
    hint(message.topic, message.event);
  }

  function closed(event) {
    socket = null;
    subscribed.clear();
    if (isLeaving) return;
    if (event.code >= 4400 && event.code < 4500) {
      say(status.dataset.ended); // refused for good: signed out, or no longer a member
      return;
    }
    sayLostTimer ??= setTimeout(() => say(status.dataset.lost), SAY_LOST_AFTER_MS);
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts);
    attempts += 1;
    retryTimer = setTimeout(connect, longest * (0.5 + Math.random() / 2));
  }

  function retryNow() {
    if (!retryTimer || document.hidden) return;
    clearTimeout(retryTimer);
    connect();
  }

  function say(text) {
    if (status.textContent.trim() === text) return;
    const line = document.createElement("p");
    line.textContent = text;
    status.replaceChildren(...(text ? [line] : []));
  }

  addEventListener("pagehide", () => {
    isLeaving = true;
    socket?.close();
  });
  addEventListener("pageshow", (event) => {
    isLeaving = false;
    if (event.persisted) subscribe();
  });
  addEventListener("online", retryNow);
  document.addEventListener("visibilitychange", retryNow);
  document.addEventListener("htmx:afterSettle", subscribe);
  subscribe();
})();
