// Remembers which upload belongs to which file, so that a broken one goes on after a reload.
const key = (file) => `upload:${file.name}:${file.size}:${file.lastModified}`;

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

export function forget(file) {
  try {
    localStorage.removeItem(key(file));
  } catch {
    // nothing was remembered
  }
}
