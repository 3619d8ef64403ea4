// A ticket's page on a phone: asks every ten seconds, and calls attention when it is called.

import { get } from './lib/api.js';
import { byId, fill, h, say, show } from './lib/dom.js';
import { english, page, range, t } from './lib/page.js';
import { clockHMS, isoHM, nowMs } from './lib/time.js';

const POLL_MS = 10000;
// Sooner after a failure: phones change between networks.
const RETRY_MS = 4000;
const FINAL = ['done', 'cancelled', 'void'];
const HELP = ['no_show', 'parked', 'void', 'supplement'];
// A range is not broken at its dash.
const TOGETHER = '\u2060–\u2060';
const VIBRATION = [400, 200, 400, 200, 800];

let position = page.position;
let seen = nowMs();
let timer = null;
let attention = null;

function drawWait() {
  const unit = (text) => h('small', {}, text);
  const next = position.ahead === 0 && position.window_open;
  fill(byId('ahead'), next ? unit(t('you_are_next')) : [`${position.ahead} `, unit(t('ahead_unit'))]);
  const about = range(position.p50_min, position.p90_min);
  fill(byId('about'), about ? unit(t('about_range', { range: about.replace('–', TOGETHER) })) : []);
  byId('about-box').classList.toggle('rough', position.forecast === 'nominal');
  show(byId('about-box'), about !== null);
}

/** The state, or that the visitor may come back with the missing papers. */
const shown = () => position.outcome ?? position.state;
const over = () => FINAL.includes(shown());

function titleText() {
  if (position.state === 'called' && position.window !== null) return t('title_called', { n: position.window });
  if (position.state === 'waiting') return t('title_ahead', { n: position.ahead });
  return t(`${shown()}_title`);
}

function draw() {
  byId('position').className = `phone state-${position.state}`;
  say(byId('number'), position.number);
  say(byId('state'), t(`${shown()}_title`));
  const go = position.window !== null && ['called', 'serving'].includes(position.state);
  show(byId('go'), go);
  if (go) say(byId('go-window'), t('window_n', { n: position.window }));
  say(byId('go-name'), position.window_name ?? '');
  show(byId('wait'), position.state === 'waiting');
  show(byId('rough'), position.state === 'waiting' && position.forecast === 'nominal');
  if (position.state === 'waiting') drawWait();
  const unserved = position.state === 'waiting' && !position.window_open;
  const help = unserved ? t('no_window_open') : HELP.includes(shown()) ? t(`${shown()}_help`) : '';
  byId('help').classList.toggle('phone-warn', unserved);
  say(byId('help'), help);
  show(byId('help'), help !== '');
  say(byId('service'), position.service_name);
  say(byId('taken'), isoHM(position.issued_at));
  say(byId('missed'), (english && page.hall.missed_text_en) || position.missed_rule);
  say(byId('more'), position.more_services.map((service) => service.name).join(t('list_comma')));
  show(byId('more-row'), position.more_services.length > 0);
  show(byId('note'), !over());
  say(byId('note'), navigator.vibrate ? `${t('refresh_note')}${t('vibrate_note')}` : t('refresh_note'));
  document.title = `${position.number} · ${titleText()}`;
}

/** Blinks the title until the page is looked at, and vibrates where a phone can. */
function callAttention() {
  if (navigator.vibrate) navigator.vibrate(VIBRATION);
  clearInterval(attention);
  let on = false;
  attention = setInterval(() => {
    on = !on;
    document.title = on ? `★★★ ${position.number}` : `${position.number} · ${titleText()}`;
    if (position.state !== 'called') {
      clearInterval(attention);
      draw();
    }
  }, 1000);
}

async function look() {
  clearTimeout(timer);
  let wait = POLL_MS;
  try {
    const before = position.state;
    position = await get(`/positions/${encodeURIComponent(page.token)}`);
    seen = nowMs();
    show(byId('stale'), false);
    draw();
    say(byId('updated'), t('updated', { time: clockHMS(seen) }));
    if (position.state === 'called' && before !== 'called') callAttention();
  } catch (error) {
    if (error.status === undefined) throw error;
    say(byId('stale'), t('stale', { time: clockHMS(seen) }));
    show(byId('stale'), true);
    wait = RETRY_MS;
  }
  if (!over()) timer = setTimeout(look, wait);
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !over()) look();
});
draw();
if (position.state === 'called') callAttention();
timer = setTimeout(look, POLL_MS);
