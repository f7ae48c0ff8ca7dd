// Does the file speak of the same genome as the reference? A guess, to be told before the upload.
const plain = (name) => name.replace(/^chr/i, "").replace(/^M$/, "MT");

export function compare(head, reference) {
  const known = new Map(Object.entries(reference.contigs).map(([name, length]) => [plain(name), length]));
  const seen = [...head.contigs];
  if (seen.length && !seen.some((name) => known.has(plain(name)))) {
    const names = seen.slice(0, 3).join(", ");
    return `The first records lie on ${names}, which ${reference.name} does not have by that name. Is it the right reference?`;
  }
  for (const [name, length] of head.lengths) {
    const own = known.get(plain(name));
    if (own && own !== length && seen.some((contig) => plain(contig) === plain(name))) {
      return `The file says that ${name} has ${length.toLocaleString()} bases; in ${reference.name} it has ${own.toLocaleString()}. Is it another build?`;
    }
  }
  return "";
}
