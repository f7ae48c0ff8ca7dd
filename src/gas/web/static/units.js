// Sizes and spans of time for people; sizes as the server writes them.
const UNITS = ["kB", "MB", "GB", "TB"];

export function size(bytes) {
  if (bytes < 1000) return `${Math.round(bytes)} bytes`;
  let value = bytes;
  let unit = "";
  for (unit of UNITS) {
    value /= 1000;
    if (value < 999.5) break;
  }
  const text = value < 99.95 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0);
  return `${text} ${unit}`;
}

export function span(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
