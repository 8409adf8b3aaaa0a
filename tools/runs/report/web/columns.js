// The cases out of their columns: labels and classes in runs, names in front coding.
const cases = (() => {
  const { labels, classes, groups, shared, rest, state, ms, tries } = data.cases;
  const size = state.length, names = new Array(size), label = new Uint32Array(size), group = new Uint32Array(size);
  let at = 0, before = "";
  for (const [ofLabel, ofClass, length] of groups) {
    label.fill(ofLabel, at, at + length);
    group.fill(ofClass, at, at + length);
    at += length;
  }
  for (let index = 0; index < size; index++) names[index] = before = before.slice(0, shared[index]) + rest[index];
  const letters = state.toLowerCase();
  const counts = {};
  for (const letter of letters) counts[letter] = (counts[letter] ?? 0) + 1;
  return {
    size, ms, counts, labels,
    name: (index) => names[index],
    label: (index) => labels[label[index]],
    labelNumber: (index) => label[index],
    group: (index) => classes[group[index]],
    state: (index) => STATES[letters[index]],
    letter: (index) => letters[index],
    cached: (index) => state[index] !== letters[index],
    tries: (index) => tries[index] ?? 1,
    title: (index) => names[index] || labels[label[index]],
    count: (...wanted) => wanted.reduce((sum, letter) => sum + (counts[letter] ?? 0), 0),
  };
})();
const placeLine = (index) => make("span.place", null, cases.name(index) ? named(cases.label(index)) : make("span", null, "the whole target"), cases.group(index) && named(cases.group(index)));
