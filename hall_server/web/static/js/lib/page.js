// What the server put into the page: its words in the chosen language, the hall, and more.

const element = document.getElementById('page-data');

export const page = JSON.parse(element.textContent);
export const english = page.lang === 'en';

/** The text of `key` with `{name}` filled in; a missing word shows its key. */
export function t(key, values = {}) {
  const text = page.words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The name in the page's language, of anything with `name` and perhaps `name_en`. */
export function nameOf(thing) {
  return (english && thing.name_en) || thing.name;
}

/** The name of a service in the page's language; `name` is used for one that the hall has no more. */
export function serviceNameIn(hall, id, name) {
  const categories = (hall && hall.categories) || [];
  const service = categories.flatMap((category) => category.services).find((one) => one.id === id);
  return service ? nameOf(service) : name;
}

/** "20–35", or null when there is no honest forecast. */
export function range(low, high) {
  if (low === null || low === undefined || high === null || high === undefined) return null;
  return low === high ? String(low) : `${low}–${high}`;
}
