// Finds the name that a misspelled one was probably meant to be.

/** Longer words are not compared. */
const LONGEST = 128;

const folded = (word) => [...word.toLowerCase().replaceAll("-", "_")];

/**
 * Returns the name that is nearest to a word; `undefined` if no name is near enough.
 *
 * Near enough means that at most a third of the longer word's characters differ, where two neighbours that are swapped count once. Case
 * does not matter, nor does the difference between `-` and `_`.
 *
 * @param {string} word
 * @param {string[]} names
 * @returns {string | undefined}
 */
export function nearest(word, names) {
  const wanted = folded(word);
  let best = Infinity;
  let found;
  for (const name of names) {
    const other = folded(name);
    const longest = Math.max(wanted.length, other.length);
    if (longest > LONGEST) {
      continue;
    }
    const changes = distance(wanted, other);
    if (changes <= Math.ceil(longest / 3) && changes < other.length && changes < best) {
      best = changes;
      found = name;
    }
  }
  return found;
}

/** Returns the number of changes that turn one word into the other. */
function distance(a, b) {
  let before = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], before[j - 2] + 1);
      }
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}
