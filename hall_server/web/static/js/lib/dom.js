// Building and updating elements. Text is always text, never markup.

export const byId = (id) => document.getElementById(id);

/** An element: `h('p', {class: 'x', onclick: f, 'aria-label': 'y'}, 'text', child)`. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'class') node.className = value;
    else if (name === 'dataset') Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(node, child);
    else if (child !== null && child !== undefined && child !== false) node.append(child);
  }
}

/** Replaces everything in `node`. */
export function fill(node, ...children) {
  while (node.firstChild) node.removeChild(node.firstChild);
  add(node, children);
}

/** Sets the text when it differs, so that live regions speak only of changes. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

/**
 * Updates a list in place: one child per item, known by `key(item)`, made by `make(item)` and
 * brought up to date by `update(node, item)`. Focus stays where it is.
 */
export function keyed(box, items, key, make, update) {
  const known = new Map();
  for (const child of Array.from(box.children)) known.set(child.dataset.key, child);
  let place = box.firstElementChild;
  for (const item of items) {
    const id = String(key(item));
    let node = known.get(id);
    if (node === undefined) {
      node = make(item);
      node.dataset.key = id;
    }
    known.delete(id);
    update(node, item);
    if (node === place) place = place.nextElementSibling;
    else box.insertBefore(node, place);
  }
  for (const node of known.values()) node.remove();
}

/** Hands a file to the browser's downloads. */
export function download(name, blob) {
  const link = h('a', { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
