// The page for a new job: send what was chosen, submit it, and be told how it goes.
import { tryingAgain } from "./again.js";
import { Choice } from "./choice.js";
import { giveUp, isGone, openUpload, submit } from "./ends.js";
import { say, sayNothing } from "./findings.js";
import { forget, recall } from "./memory.js";
import { OpenUploads } from "./open_uploads.js";
import { Panel } from "./panel.js";
import { requireReadable, Unreadable } from "./problem.js";
import { Sender } from "./sender.js";

const form = document.getElementById("new-job");
const urls = form?.dataset; // { uploads, jobs, signIn }
const choice = form && new Choice(form);
const list = new OpenUploads({ onGivenUp: () => !transfer && choice?.file && choice.describe() });

let transfer = null; // { upload, sender, panel, paused, checking }

async function begin() {
  const { file } = choice;
  choice.lock();
  sayNothing();
  try {
    await requireReadable(file); // before room is claimed for it
    const upload = await openUpload(urls, file);
    list.sending(upload.id);
    const panel = new Panel(file);
    const sender = new Sender(file, upload, {
      url: urls.uploads,
      onChange: () => panel.show(sender.bytes),
      onTrouble: (problem) => panel.say(problem ? tryingAgain(problem) : "Sending…"),
    });
    transfer = { upload, sender, panel, paused: false, checking: null };
  } catch (problem) {
    await stopWith(problem);
    return;
  }
  await send();
}

async function send() {
  const mine = transfer;
  const { sender, panel } = mine;
  mine.paused = false;
  panel.running(true);
  panel.say("Sending…");
  panel.show(sender.bytes);
  try {
    if (await sender.run()) await finish(mine);
  } catch (problem) {
    if (transfer === mine) await stopWith(problem); // else it was cancelled
  }
}

async function finish(mine) {
  const { upload, panel } = mine;
  mine.checking = new AbortController();
  panel.allow({ pause: false, cancel: true });
  panel.say("Sent. Checking the file…");
  const job = await submit(urls, upload, {
    wishes: choice.wishes,
    signal: mine.checking.signal,
    onTrouble: (problem) => problem && panel.say(tryingAgain(problem)),
  });
  if (transfer !== mine) return; // cancelled while the answer came in
  transfer = null;
  forget(upload.id);
  panel.allow({ pause: false, cancel: false });
  location.assign(job.url);
}

async function stopWith(problem) {
  const stopped = transfer;
  transfer = null;
  if (stopped && (await isGone(urls, stopped.upload, problem))) forget(stopped.upload.id);
  const kept = recall(choice.file) !== null;
  if (problem instanceof Unreadable) choice.clear();
  explain(problem, kept);
  leave(stopped?.panel);
}

function explain(problem, kept) {
  const { message, code, place } = problem;
  if (problem.status === 401) {
    const cure = `Sign in again and choose the file again${kept ? ": it goes on where it stopped." : "."}`;
    say("warning", message, { cure, code, link: { url: urls.signIn, text: "Sign in again" } });
  } else if (problem.gone) {
    say("danger", "The upload is not there any more: it was given up, or was too old.", { cure: "Start again: the file is sent anew.", code });
  } else {
    const keeps = kept && problem.refusal ? " What was sent is kept; it goes on from there." : "";
    say("danger", place ? `${message} (${place})` : message, { cure: `${problem.cure ?? ""}${keeps}`, code });
  }
}

function leave(panel) {
  const focused = panel?.hide();
  choice.unlock();
  if (focused) choice.focus();
  list.sending(null);
  list.refresh();
}

function pause() {
  if (!transfer || transfer.checking) return;
  if (transfer.paused) {
    send();
  } else {
    transfer.paused = true;
    transfer.sender.pause();
    transfer.panel.running(false);
    transfer.panel.say("Paused. You may even close the page, and choose the same file later.");
  }
}

async function cancel() {
  if (!transfer) return;
  const { upload, sender, panel, checking } = transfer;
  transfer = null;
  sender.pause();
  checking?.abort();
  panel.allow({ pause: false, cancel: false });
  panel.say("Cancelling…");
  try {
    const job = await giveUp(urls, upload, choice.wishes);
    forget(upload.id);
    if (job) {
      const cure = "The check had ended already. It can be cancelled on its page.";
      say("warning", "The job was created all the same.", { cure, link: { url: job.url, text: "Go to the job" } });
    } else {
      say("secondary", "The upload was cancelled.");
    }
  } catch (problem) {
    const cure = "What was sent is not removed yet: give it up on this page later, or start again to go on.";
    say("warning", `The upload has stopped. ${problem.message}`, { cure, code: problem.code });
  }
  leave(panel);
}

function follow() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (choice.file && !transfer) begin();
  });
  document.querySelector("[data-pause]").addEventListener("click", pause);
  document.querySelector("[data-cancel]").addEventListener("click", cancel);
  addEventListener("beforeunload", (event) => {
    if (transfer && !transfer.paused) event.preventDefault();
  });
}

if (form) follow();
