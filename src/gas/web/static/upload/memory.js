// Remembers which upload belongs to which file, so that a broken one goes on after a reload.
const PREFIX = "upload:";
const key = (file) => `${PREFIX}${file.name}:${file.size}:${file.lastModified}`;

export function recall(file) {
  try {
    return localStorage.getItem(key(file));
  } catch {
    return null;
  }
}

export function remember(file, uploadId) {
  try {
    localStorage.setItem(key(file), uploadId);
  } catch {
    // Without storage an upload still works; it only cannot go on after a reload.
  }
}

// By the upload and not by its file, which may have a new upload by now.
export function forget(uploadId) {
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(PREFIX) && localStorage.getItem(name) === uploadId) localStorage.removeItem(name);
    }
  } catch {
    // nothing was remembered
  }
}
