// <time datetime="..."> is written in UTC by the server; here it becomes the reader's own.
const near = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

export function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
    const moment = new Date(time.dateTime);
    time.textContent = near.format(moment);
    time.title = exact.format(moment);
  }
}
