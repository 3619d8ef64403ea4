// The demo: what the virtual devices make, refreshed while somebody looks.

import { byId, fill, h, keyed, say, show } from './lib/dom.js';
import { page, t } from './lib/page.js';
import { clockHMS, nowMs } from './lib/time.js';

const LOOK_MS = 1000;
const SCREEN_MS = 700;
const AFTER_TAP_MS = 150;
// The framed page believes that it has a desktop this large, and is shown smaller.
const FRAME = { width: 1200, height: 720 };

let lastGood = nowMs();

function showLost(lost) {
  show(byId('link'), true);
  byId('link').className = `link ${lost ? 'link-lost' : 'link-up'}`;
  say(byId('link-text'), lost ? t('link_lost', { since: clockHMS(lastGood) }) : t('link_up'));
}

function newPaper() {
  return h('li', { class: 'slip' }, h('a', { target: '_blank', rel: 'noopener' }, h('img', { loading: 'lazy' })), h('p', { class: 'muted' }));
}

function updatePaper(node, { printer, ticket }) {
  const [link, words] = node.children;
  const image = link.firstElementChild;
  if (link.getAttribute('href') !== ticket.url) {
    link.setAttribute('href', ticket.url);
    image.setAttribute('src', ticket.url);
    image.setAttribute('alt', ticket.text || ticket.name);
  }
  say(words, `${printer} · ${clockHMS(ticket.at)}`);
}

function drawPaper(printers) {
  const slips = printers
    .flatMap((printer) => printer.tickets.map((ticket) => ({ printer: printer.name, ticket })))
    .sort((a, b) => b.ticket.at - a.ticket.at);
  keyed(byId('paper'), slips, ({ printer, ticket }) => `${printer}/${ticket.name}`, newPaper, updatePaper);
  show(byId('paper-none'), slips.length === 0);
}

function newPanel() {
  return h('li', { class: 'panel' }, h('b', {}), h('img', { hidden: true }), h('span', { class: 'muted' }));
}

function updatePanel(node, panel) {
  const [name, image, none] = node.children;
  say(name, t('window_n', { n: panel.window }));
  node.title = panel.protocol;
  show(image, panel.picture !== null);
  say(none, panel.picture === null ? t('panel_none') : panel.protocol);
  if (panel.picture !== null && image.getAttribute('src') !== panel.picture.url) {
    image.setAttribute('src', panel.picture.url);
    image.setAttribute('alt', t('window_n', { n: panel.window }));
  }
}

function newVoice() {
  return h('li', {}, h('span', {}), h('audio', { controls: true, preload: 'none' }));
}

/** "A001 · 1 号窗口" of 00000007-A001-w1.wav. */
function spoken(name) {
  const parts = /^\d+-(.+)-w(\d+)\.wav$/.exec(name);
  return parts ? `${parts[1]} · ${t('window_n', { n: parts[2] })}` : name;
}

function updateVoice(node, voice) {
  say(node.firstElementChild, `${clockHMS(voice.at)} ${spoken(voice.name)}`);
  const audio = node.lastElementChild;
  if (audio.getAttribute('src') !== voice.url) audio.setAttribute('src', voice.url);
}

function draw(files) {
  drawPaper(files.printers);
  keyed(byId('panels'), files.panels, (panel) => `${panel.window}/${panel.protocol}`, newPanel, updatePanel);
  keyed(byId('voice'), files.voice, (voice) => voice.name, newVoice, updateVoice);
  show(byId('voice-none'), files.voice.length === 0);
}

async function look() {
  if (!document.hidden) {
    try {
      const response = await fetch('/demo/state.json', { cache: 'no-store' });
      if (!response.ok) throw new Error(String(response.status));
      draw(await response.json());
      lastGood = nowMs();
      showLost(false);
    } catch (error) {
      showLost(true);
    }
  }
  setTimeout(look, LOOK_MS);
}

/** The kiosk's screen as a picture; a click on it is a tap. */
function startKiosk(image) {
  let timer = null;
  let shown = null;

  async function refresh() {
    clearTimeout(timer);
    if (!document.hidden) {
      try {
        const response = await fetch('/demo/kiosk/screen.png', { cache: 'no-store' });
        if (!response.ok) throw new Error(String(response.status));
        const bytes = new Uint8Array(await response.arrayBuffer());
        await swap(bytes);
        show(image, true);
        show(byId('kiosk-away'), false);
      } catch (error) {
        show(image, false);
        show(byId('kiosk-away'), true);
      }
    }
    timer = setTimeout(refresh, SCREEN_MS);
  }

  /** A data: address, because the page's policy admits no other picture made here. */
  function swap(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    const address = `data:image/png;base64,${btoa(text)}`;
    if (address !== shown) image.src = address;
    shown = address;
    return image.decode();
  }

  image.addEventListener('click', async (event) => {
    const box = image.getBoundingClientRect();
    const x = Math.round(((event.clientX - box.left) / box.width) * image.naturalWidth);
    const y = Math.round(((event.clientY - box.top) / box.height) * image.naturalHeight);
    const body = JSON.stringify({ x, y });
    await fetch('/demo/kiosk/tap', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }).catch(() => {});
    clearTimeout(timer);
    timer = setTimeout(refresh, AFTER_TAP_MS);
  });
  refresh();
}

/** Fits the framed desktop into its box. */
function fitFrame() {
  const frame = byId('frame');
  const scale = frame.parentElement.clientWidth / FRAME.width;
  frame.style.width = `${FRAME.width}px`;
  frame.style.height = `${FRAME.height}px`;
  frame.style.transform = `scale(${scale})`;
  frame.parentElement.style.height = `${Math.round(FRAME.height * scale)}px`;
}

function openPage(address) {
  for (const button of Array.from(document.querySelectorAll('.tab-button'))) {
    button.setAttribute('aria-pressed', String(button.dataset.src === address));
  }
  byId('frame').setAttribute('src', address);
  byId('open-tab').setAttribute('href', address);
}

for (const button of Array.from(document.querySelectorAll('.tab-button'))) {
  button.addEventListener('click', () => openPage(button.dataset.src));
}
document.querySelector('.tab-button').setAttribute('aria-pressed', 'true');
window.addEventListener('resize', fitFrame);
fitFrame();
draw(page.demo.files);
if (page.demo.kiosk) startKiosk(byId('kiosk'));
fill(byId('who'));
look();
