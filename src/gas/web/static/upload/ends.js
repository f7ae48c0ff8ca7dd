// How an upload begins and ends: opened or taken up again, submitted as a job, or given up.
import { insist } from "./again.js";
import { call } from "./api.js";
import { forget, recall, remember } from "./memory.js";

const PATIENCE = 15_000;

// `urls`: { uploads, jobs }
export async function openUpload(urls, file) {
  const kept = recall(file);
  if (kept) {
    try {
      return await call("GET", `${urls.uploads}/${kept}`);
    } catch (problem) {
      if (!problem.gone) throw problem;
      forget(kept); // it was too old, or somebody else signed in
    }
  }
  const upload = await call("POST", urls.uploads, { name: file.name, size_bytes: file.size });
  remember(file, upload.id);
  return upload;
}

// The job. Tried as often as it needs: the same upload is the same job, however often it is sent.
export function submit(urls, upload, { wishes, signal, onTrouble }) {
  const body = { upload_id: upload.id, ...wishes };
  return insist(() => call("POST", urls.jobs, body, signal), { signal, onTrouble });
}

// The job that was made of the upload all the same, or null.
export async function giveUp(urls, upload, wishes) {
  try {
    await call("DELETE", `${urls.uploads}/${upload.id}`, undefined, AbortSignal.timeout(PATIENCE));
    return null;
  } catch (problem) {
    if (problem.gone) return null;
    if (problem.code !== "UPLOAD_FINISHED") throw problem;
  }
  try {
    // The submission had got through before it was broken off; sent again, it names its job.
    return await call("POST", urls.jobs, { upload_id: upload.id, ...wishes }, AbortSignal.timeout(PATIENCE));
  } catch (problem) {
    // Either the file was refused, and removed with that, or the list of jobs has to do as a link.
    return (await isGone(urls, upload, problem)) ? null : { url: urls.jobs };
  }
}

// Whether the service has the upload no more: it removes one whose content it refuses.
export async function isGone(urls, upload, problem) {
  if (!problem.refusal || problem.gone) return problem.gone === true;
  return call("GET", `${urls.uploads}/${upload.id}`).then(() => false, (answer) => answer.gone === true);
}
