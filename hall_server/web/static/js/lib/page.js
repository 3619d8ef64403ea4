// What the server put into the page: its words in the chosen language, the hall, and more.

const element = document.getElementById('page-data');

export const page = JSON.parse(element.textContent);
let words = page.words;
export let english = page.lang === 'en';

/** Changes the language of everything said from now on, on a page that has the words of both. */
export function speak(lang) {
  english = lang === 'en';
  words = page.words_by[lang];
}

/** The text of `key` with `{name}` filled in; a missing word shows its key. */
export function t(key, values = {}) {
  const text = words[key] ?? key;
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

/** Whether the server would fill this page differently now: other words, hall or version. */
export async function outdated() {
  try {
    const response = await fetch(location.href, { cache: 'no-store', credentials: 'same-origin' });
    if (!response.ok) return false;
    const made = new DOMParser().parseFromString(await response.text(), 'text/html');
    const data = made.getElementById('page-data');
    return data !== null && data.textContent !== element.textContent;
  } catch (error) {
    return false;
  }
}
