// The page for a new job: choose, check, send, submit.
import { size } from "../units.js";
import { call } from "./api.js";
import { compare } from "./contigs.js";
import { forget, recall, remember } from "./memory.js";
import { Panel } from "./panel.js";
import { Sender } from "./sender.js";
import { sniff } from "./sniff.js";

const form = document.getElementById("new-job");
const chooser = form?.querySelector("#file");
const reference = form?.querySelector("#reference");
const start = form?.querySelector("[data-start]");
const drop = form?.querySelector("[data-drop]");

let file = null;
let head = null;
let transfer = null; // { upload, sender, panel, paused }

function say(kind, message, cure = "", code = "") {
  const box = document.createElement("div");
  box.className = `alert alert-${kind} mb-0`;
  const what = document.createElement("strong");
  what.textContent = message;
  box.append(what, cure ? ` ${cure}` : "");
  if (code) {
    const tag = document.createElement("code");
    tag.textContent = code;
    box.append(" ", tag);
  }
  form.querySelector("[data-findings]").replaceChildren(box);
}

async function choose(chosen) {
  file = null;
  start.disabled = true;
  if (!chosen) return;
  const limit = Number(form.dataset.maxBytes);
  if (chosen.size === 0) return say("danger", "The file is empty.", "Choose a VCF with records.");
  if (chosen.size > limit) {
    return say("danger", `The file has ${size(chosen.size)}; your plan allows ${size(limit)}.`, "Compress it with bgzip, or split it by contig.");
  }
  const found = await sniff(chosen).catch(() => ({ fault: ["The browser cannot read the file.", "Choose it again."] }));
  if (found.fault) return say("danger", ...found.fault);
  file = chosen;
  head = found;
  start.disabled = false;
  const before = recall(file) ? " An upload of it was broken off; it goes on where it stopped." : "";
  say("success", `${file.name}, ${size(file.size)}: looks like a VCF.`, before);
  await checkReference();
}

async function checkReference() {
  const note = form.querySelector("[data-reference-note]");
  note.textContent = "";
  if (!head) return;
  const known = await call("GET", `/references/${encodeURIComponent(reference.value)}`).catch(() => null);
  if (known && known.name === reference.value) note.textContent = compare(head, known);
}

async function open() {
  const kept = recall(file);
  if (kept) {
    try {
      return await call("GET", `${form.dataset.uploads}/${kept}`);
    } catch (problem) {
      if (problem.status !== 404) throw problem;
      forget(file); // it was too old, or somebody else signed in
    }
  }
  const upload = await call("POST", form.dataset.uploads, { name: file.name, size_bytes: file.size });
  remember(file, upload.id);
  return upload;
}

async function begin() {
  lock(true);
  form.querySelector("[data-findings]").replaceChildren();
  try {
    const upload = await open();
    const panel = new Panel(file);
    const sender = new Sender(file, upload, {
      url: form.dataset.uploads,
      onChange: () => panel.show(sender.bytes, sender.retrying),
    });
    transfer = { upload, sender, panel, paused: false };
    await send();
  } catch (problem) {
    stopWith(problem);
  }
}

async function send() {
  const { upload, sender, panel } = transfer;
  transfer.paused = false;
  panel.running(true);
  panel.say("Sending…");
  panel.show(sender.bytes, false);
  try {
    if (!(await sender.run())) return;
    panel.say("Sent. Checking the file…");
    const job = await call("POST", form.dataset.jobs, { upload_id: upload.id, reference: reference.value });
    forget(file);
    transfer = null;
    location.assign(job.url);
  } catch (problem) {
    stopWith(problem);
  }
}

function stopWith(problem) {
  const refused = problem.status >= 400 && problem.status < 500 && problem.status !== 401;
  if (refused) forget(file); // what was sent is of no use
  transfer?.panel.hide();
  transfer = null;
  lock(false);
  say("danger", problem.message, problem.cure, problem.code);
}

function lock(yes) {
  for (const part of [chooser, reference, start]) part.disabled = yes;
}

function pause() {
  if (!transfer) return;
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
  const { upload, sender, panel } = transfer;
  transfer = null;
  sender.pause();
  panel.hide();
  forget(file);
  lock(false);
  say("secondary", "The upload was cancelled.");
  await call("DELETE", `${form.dataset.uploads}/${upload.id}`).catch(() => null); // else it ends by age
}

function follow() {
  chooser.addEventListener("change", () => choose(chooser.files[0]));
  reference.addEventListener("change", checkReference);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (file && !transfer) begin();
  });
  document.querySelector("[data-pause]").addEventListener("click", pause);
  document.querySelector("[data-cancel]").addEventListener("click", cancel);
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (chooser.disabled || !event.dataTransfer.files.length) return;
    chooser.files = event.dataTransfer.files;
    choose(chooser.files[0]);
  });
  addEventListener("beforeunload", (event) => {
    if (transfer && !transfer.paused) event.preventDefault();
  });
}

if (form) follow();
