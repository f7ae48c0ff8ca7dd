// Further tries of what may succeed later, each after a longer wait.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;

// What `act()` gives in the end. `onTrouble` hears of every passing problem, and null once it is over.
export async function insist(act, { signal, onTrouble }) {
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    signal.throwIfAborted();
    try {
      const answer = await act();
      onTrouble(null);
      return answer;
    } catch (problem) {
      signal.throwIfAborted(); // who paused or cancelled hears of no trouble any more
      if (!problem.passing) throw problem;
      onTrouble(problem);
      // A part of the wait is by chance, so that many browsers do not come back at once.
      const least = Math.max(problem.retryAfterSeconds * 1000, wait / 2);
      await pauseFor(least + (Math.random() * wait) / 2, signal);
    }
  }
}

// The sentence for who waits.
export function tryingAgain(problem) {
  if (problem.status === 0) return "The line is broken; trying again…";
  const place = problem.place && ` (${problem.place})`;
  return `${problem.message}${place} [${problem.code}] Trying again…`;
}

function pauseFor(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
