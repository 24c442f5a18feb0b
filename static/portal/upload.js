// Sends the file of a form in parts before the form itself: progress, pause, waiting out a lost connection,
// and going on after a reload. Markup and texts stand in templates/files/upload_field.html.
(() => {
  "use strict";
  const FIRST_RETRY_MS = 1000;
  const LONGEST_RETRY_MS = 30000;
  const PART_TIMEOUT_MS = 10 * 60 * 1000;
  const DAMAGED_RETRIES = 5;
  const SAY_EVERY_PERCENT = 10;
  const REMEMBER_MS = 2 * 24 * 60 * 60 * 1000; // as long as the portal keeps an unfinished upload
  const MEMORY = "visio-upload:";

  class Dropped extends Error {} // no answer, or one that promises a better one later
  class Cancelled extends Error {}
  class Refused extends Error {
    constructor(code, detail) {
      super(detail);
      this.code = code;
    }
  }

  // --- What was begun, remembered over a reload: file → address of its upload.
  const memory = {
    key: (field, file) =>
      [MEMORY + field.dataset.uploadUrl, field.dataset.purpose, file.name, file.size, file.lastModified].join("|"),
    read(key) {
      try {
        const entry = JSON.parse(localStorage.getItem(key));
        return entry && Date.now() - entry.at < REMEMBER_MS ? entry : null;
      } catch {
        return null; // storage refused by the browser: nothing is resumed
      }
    },
    write(key, entry) {
      try {
        if (entry) localStorage.setItem(key, JSON.stringify({ ...entry, at: Date.now() }));
        else localStorage.removeItem(key);
      } catch {
        // Without storage the upload only lasts as long as the page.
      }
    },
    keys(field) {
      const prefix = [MEMORY + field.dataset.uploadUrl, field.dataset.purpose, ""].join("|");
      try {
        return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
      } catch {
        return [];
      }
    },
  };

  const csrfToken = () => document.querySelector('meta[name="csrf-token"]').content;

  async function digestHeader(content) {
    if (!globalThis.crypto?.subtle) return {}; // the page is not served over HTTPS: the portal checks the size alone
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    return { "Content-Digest": `sha-256=:${btoa(String.fromCharCode(...digest))}:` };
  }

  class UploadField {
    constructor(root) {
      this.root = root;
      this.form = root.closest("form");
      this.input = root.querySelector('input[type="file"]');
      this.idInput = root.querySelector("[data-upload-id]");
      this.messages = root.querySelector("[data-upload-messages]");
      this.note = root.querySelector("[data-upload-note]");
      this.panel = root.querySelector("[data-upload-panel]");
      this.bar = root.querySelector("progress");
      this.text = root.querySelector("[data-upload-text]");
      this.live = root.querySelector("[data-upload-live]");
      this.pauseButton = root.querySelector("[data-upload-pause]");
      this.cancelButton = root.querySelector("[data-upload-cancel]");
      this.state = "idle"; // idle, sending, paused, cancelled
      this.form.addEventListener("submit", (event) => this.submitted(event));
      this.input.addEventListener("change", () => this.chosen());
      this.pauseButton.addEventListener("click", () => (this.state === "paused" ? this.resume() : this.pause()));
      this.cancelButton.addEventListener("click", () => this.cancel());
      addEventListener("online", () => this.wake?.());
      addEventListener("beforeunload", (event) => this.isActive() && event.preventDefault());
      addEventListener("pageshow", (event) => event.persisted && this.rest());
      if (this.idInput.value) this.say(this.note, this.words("received"));
      else this.recall();
    }

    isActive() {
      return this.state === "sending" || this.state === "paused";
    }

    words(name, values = {}) {
      const template = this.root.dataset[`text${name[0].toUpperCase()}${name.slice(1)}`];
      return template.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
    }

    size(bytes) {
      const format = { style: "unit", unit: "megabyte", maximumFractionDigits: bytes < 10e6 ? 1 : 0 };
      return new Intl.NumberFormat(document.documentElement.lang, format).format(bytes / 1e6);
    }

    say(element, text) {
      if (element.textContent !== text) element.textContent = text;
    }

    // --- What the person does.

    chosen() {
      this.idInput.value = "";
      this.fail("");
      const file = this.input.files[0];
      this.say(this.note, file && memory.read(memory.key(this.root, file)) ? this.words("goesOn") : "");
    }

    submitted(event) {
      if (this.idInput.value || event.defaultPrevented) return;
      event.preventDefault();
      if (this.isActive()) return;
      const file = this.input.files[0];
      const problem = this.problemOf(file);
      this.fail(problem);
      if (problem) this.input.focus();
      else this.send(file, event.submitter);
    }

    problemOf(file) {
      if (!file) return this.words("choose");
      if (file.size === 0) return this.words("empty");
      return file.size > Number(this.root.dataset.maxBytes) ? this.words("tooLarge") : "";
    }

    pause() {
      this.state = "paused";
      this.request?.abort();
      this.wake?.();
      this.say(this.pauseButton, this.words("resume"));
      this.say(this.live, this.words("paused"));
    }

    resume() {
      this.state = "sending";
      this.say(this.pauseButton, this.words("pause"));
      this.say(this.live, this.words("resumed"));
      this.wake?.();
    }

    cancel() {
      this.state = "cancelled";
      this.request?.abort();
      this.wake?.();
    }

    // --- The course of an upload.

    async send(file, submitter) {
      this.begin(file, submitter);
      try {
        const upload = await this.untilReceived(file);
        this.idInput.value = upload.id;
        this.rest();
        this.say(this.live, this.words("received"));
        this.form.requestSubmit(submitter);
      } catch (error) {
        this.rest();
        if (error instanceof Cancelled) this.giveUp(file);
        else this.refused(file, error);
      }
    }

    async untilReceived(file) {
      let attempts = 0;
      let damaged = 0;
      for (;;) {
        try {
          await this.unpaused();
          const upload = await this.opened(file);
          if (upload.status === "open") await this.sendMissing(file, upload, () => (attempts = 0));
          return upload;
        } catch (error) {
          if (error instanceof Dropped) {
            if (this.state === "sending") await this.pauseForRetry(attempts++);
          } else if (["incomplete", "digest_mismatch"].includes(error.code) && damaged < DAMAGED_RETRIES) {
            damaged += 1;
          } else {
            throw error;
          }
        }
      }
    }

    // The state of the upload that was begun for this file, or of a new one.
    async opened(file) {
      const key = memory.key(this.root, file);
      const known = memory.read(key);
      if (known) {
        const answer = await this.call("GET", known.url);
        if (answer.status === 200 && answer.fields.size_bytes === file.size) return answer.fields;
        memory.write(key, null);
      }
      const { purpose, uploadUrl } = this.root.dataset;
      const announced = { purpose, name: file.name, media_type: file.type, size_bytes: file.size };
      const answer = await this.call("POST", uploadUrl, JSON.stringify(announced));
      if (answer.status === 404) throw new Refused("no_access", this.words("failed"));
      const upload = this.accepted(answer);
      memory.write(key, { url: upload.url, name: file.name });
      return upload;
    }

    async sendMissing(file, upload, partArrived) {
      const there = new Set(upload.parts);
      const size = upload.part_size_bytes;
      let sent = upload.parts.reduce((sum, number) => sum + Math.min(size, file.size - (number - 1) * size), 0);
      this.show(sent, file.size);
      for (let number = 1; number <= upload.part_count; number += 1) {
        if (there.has(number)) continue;
        await this.unpaused();
        const content = await this.contentOf(file, (number - 1) * size, number * size);
        await this.put(`${upload.url}parts/${number}`, content, (loaded) => this.show(sent + loaded, file.size));
        sent += content.byteLength;
        partArrived();
      }
      this.show(file.size, file.size);
      this.say(this.text, this.words("checking"));
      this.accepted(await this.call("POST", `${upload.url}complete`));
    }

    async contentOf(file, start, end) {
      try {
        return await file.slice(start, end).arrayBuffer();
      } catch {
        throw new Refused("unreadable", this.words("unreadable")); // moved or changed since it was chosen
      }
    }

    async unpaused() {
      while (this.state === "paused") await this.sleep();
      if (this.state === "cancelled") throw new Cancelled();
    }

    async pauseForRetry(attempts) {
      const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts);
      this.say(this.text, this.words("lost"));
      if (attempts === 0) this.say(this.live, this.words("lost"));
      await this.sleep(longest * (0.5 + Math.random() / 2));
    }

    // Ends after a time, or when something happens that is worth looking at.
    sleep(milliseconds) {
      return new Promise((resolve) => {
        const timer = milliseconds ? setTimeout(resolve, milliseconds) : null;
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }

    // --- Talking to the portal.

    async call(method, url, body) {
      const controller = new AbortController();
      this.request = controller;
      let answer;
      try {
        answer = await fetch(url, {
          method,
          body,
          headers: { "X-CSRFToken": csrfToken(), "Content-Type": "application/json", Accept: "application/json" },
          redirect: "manual",
          signal: controller.signal,
        });
      } catch {
        throw new Dropped();
      }
      if (answer.type === "opaqueredirect") throw new Refused("signed_out", this.words("signedOut"));
      return this.judged(answer.status, await answer.text().catch(() => ""));
    }

    async put(url, content, onProgress) {
      const headers = await digestHeader(content);
      const answer = await new Promise((resolve, reject) => {
        const request = new XMLHttpRequest(); // fetch does not say how much has been sent
        this.request = request;
        request.open("PUT", url);
        request.timeout = PART_TIMEOUT_MS;
        for (const [name, value] of Object.entries({ ...headers, "X-CSRFToken": csrfToken() })) {
          request.setRequestHeader(name, value);
        }
        request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
        for (const name of ["error", "timeout", "abort"]) request.addEventListener(name, () => reject(new Dropped()));
        request.addEventListener("load", () => resolve(request));
        request.send(content);
      });
      this.accepted(this.judged(answer.status, answer.responseText));
    }

    judged(status, text) {
      if ((status >= 500 && status !== 507) || status === 408 || status === 429) throw new Dropped();
      if (status === 401) throw new Refused("signed_out", this.words("signedOut"));
      let fields = {};
      try {
        fields = JSON.parse(text);
      } catch {
        // A page instead of an answer: its status says enough.
      }
      return { status, fields };
    }

    accepted({ status, fields }) {
      if (status === 404) throw new Dropped(); // given up elsewhere or expired: the next attempt starts anew
      if (status >= 400) throw new Refused(fields.code, fields.detail || this.words("failed"));
      if (fields.id === undefined && fields.number === undefined) {
        throw new Refused("signed_out", this.words("signedOut")); // the sign-in page came instead
      }
      return fields;
    }

    // --- What the person sees.

    begin(file, submitter) {
      this.state = "sending";
      this.said = 0;
      this.submitter = submitter;
      this.panel.hidden = false;
      this.input.disabled = true;
      this.say(this.note, "");
      this.say(this.pauseButton, this.words("pause"));
      this.show(0, file.size);
      this.pauseButton.focus();
      if (submitter) submitter.disabled = true;
    }

    // Shows the form as it was, ready for another attempt.
    rest() {
      const hadFocus = this.panel.contains(document.activeElement);
      this.state = "idle";
      this.panel.hidden = true;
      this.input.disabled = false;
      if (this.submitter) this.submitter.disabled = false;
      if (hadFocus) (this.submitter || this.input).focus();
    }

    show(sent, total) {
      const percent = Math.floor((100 * sent) / total);
      this.bar.value = percent;
      this.say(this.text, this.words("progress", { percent, sent: this.size(sent), total: this.size(total) }));
      const step = Math.floor(percent / SAY_EVERY_PERCENT) * SAY_EVERY_PERCENT;
      if (step > this.said) {
        this.said = step;
        this.say(this.live, this.words("said", { percent: step }));
      }
    }

    fail(text) {
      this.root.classList.toggle("fr-upload-group--error", Boolean(text));
      if (text) this.input.setAttribute("aria-invalid", "true");
      else this.input.removeAttribute("aria-invalid");
      const line = document.createElement("p");
      line.className = "fr-message fr-message--error";
      line.textContent = text;
      this.messages.replaceChildren(...(text ? [line] : []));
    }

    refused(file, error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code === "closed") memory.write(memory.key(this.root, file), null);
      this.fail(error.message);
      this.input.focus();
    }

    // Forgets the upload here and in the portal; an answer is not needed, it would expire by itself.
    giveUp(file) {
      const key = memory.key(this.root, file);
      const known = memory.read(key);
      memory.write(key, null);
      if (known) this.call("DELETE", known.url).catch(() => {});
      this.say(this.live, this.words("cancelled"));
      this.say(this.note, this.words("cancelled"));
    }

    // After a reload: says what was begun, if the portal still has it.
    async recall() {
      for (const key of memory.keys(this.root)) {
        const entry = memory.read(key);
        const answer = entry && (await this.call("GET", entry.url).catch(() => null));
        if (!entry || answer?.status === 404) memory.write(key, null);
        else if (answer?.fields.status === "open" && !this.input.files.length) {
          const percent = Math.floor((100 * answer.fields.parts.length) / answer.fields.part_count);
          this.say(this.note, this.words("interrupted", { name: entry.name, percent }));
          return;
        }
      }
    }
  }

  function enhance() {
    for (const root of document.querySelectorAll("[data-upload-field]:not([data-upload-ready])")) {
      root.dataset.uploadReady = "";
      new UploadField(root);
    }
  }

  document.addEventListener("htmx:afterSettle", enhance);
  enhance();
})();
