// What is left until results are archived. Seen only: a screen reader is told the time once, and
// again, in the page's own region for news, when a minute is left.
const deadlines = new WeakMap();
let lastSeen = 0;

function text(seconds) {
  const pad = (number) => String(number).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (days) return `${days} d ${hours} h left`;
  if (hours) return `${hours}:${pad(minutes)}:${pad(seconds % 60)} left`;
  return `${minutes}:${pad(seconds % 60)} left`;
}

function tick() {
  for (const shown of document.querySelectorAll("[data-left]")) {
    // From what was left when the page was made: the clock of this machine may be wrong.
    if (!deadlines.has(shown)) deadlines.set(shown, Date.now() + shown.dataset.left * 1000);
    const before = shown.textContent;
    const seconds = Math.max(0, Math.ceil((deadlines.get(shown) - Date.now()) / 1000));
    shown.textContent = text(seconds);
    if (shown.textContent === before) continue;
    const said = document.querySelector("[data-said]");
    // A page that was busy, or in the background, may never see the very second.
    const passed = lastSeen > 60 && seconds <= 60 && seconds > 0;
    lastSeen = seconds;
    const rest = seconds > 50 ? "One minute is left" : "Less than a minute is left";
    if (passed && said) said.textContent = `${rest} to download the results.`;
    if (seconds === 0) shown.dispatchEvent(new CustomEvent("gas:over", { bubbles: true }));
  }
}

export function countDown() {
  tick();
  setInterval(tick, 1000);
}
