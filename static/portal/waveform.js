// The loudness of a short recording above its slider; a long one would have to be fetched and decoded as a whole.
(() => {
  "use strict";
  const box = document.getElementById("waveform");
  const sound = document.getElementById("sound");
  if (!box || !sound || !window.WaveSurfer || !box.clientWidth) return; // a phone's stylesheet hides it

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colours = () => ({
    waveColor: colour("--text-disabled-grey"),
    progressColor: colour("--background-action-high-blue-france"),
  });

  const wave = WaveSurfer.create({
    container: box,
    media: sound,
    height: 48,
    barWidth: 2,
    barGap: 1,
    cursorWidth: 0,
    sampleRate: 8000, // enough for a picture
    fetchParams: { cache: "no-store" }, // the cache's entry is locked while the player reads it
    cspNonce: box.dataset.nonce,
    ...colours(),
  });
  wave.on("error", () => wave.destroy()); // the slider and the picture of the voices remain
  new MutationObserver(() => wave.setOptions(colours())).observe(document.documentElement, {
    attributeFilter: ["data-fr-theme"],
  });
})();
