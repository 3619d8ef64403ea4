// What the hall tells everyone: writing a notice, and those that run or ended today.

import { command } from '../lib/api.js';
import { byId, h, keyed, say, show } from '../lib/dom.js';
import { english, t } from '../lib/page.js';
import { clockHM, dayName, fromHall, hallDay, isoHM, nowMs } from '../lib/time.js';

const MOST_CHARACTERS = 60;
// What is proposed when a time is to be chosen.
const SOON_MS = 3600000;

let today = '';
let dayCloses = null;
let refresh = () => {};

/** "17:30", with its day when that is not today. */
function momentText(iso) {
  const day = hallDay(Date.parse(iso));
  return day === today ? isoHM(iso) : `${dayName(day)} ${isoHM(iso)}`;
}

function untilText(notice) {
  if (notice.state === 'withdrawn') return t('notice_withdrawn', { time: momentText(notice.ended_at), who: notice.withdrawn_by });
  if (notice.state === 'ended') return t('notice_ended', { time: momentText(notice.ended_at) });
  return notice.until ? t('notice_runs_until', { time: momentText(notice.until) }) : t('until_withdrawn');
}

function factsOf(notice) {
  const places = notice.places.map((place) => t(`place_${place}_short`)).join(t('list_comma'));
  const every = notice.every_min ? t('every_n', { n: notice.every_min }) : '';
  const posted = t('notice_posted', { time: momentText(notice.posted_at), who: notice.posted_by });
  return [untilText(notice), places, every, posted].filter(Boolean).join(' · ');
}

function newNotice() {
  return h('li', {}, h('p', {}, h('b', {}), h('span', { class: 'muted', lang: 'en' })), h('p', { class: 'notice-facts' }), h('button', { type: 'button', class: 'button button-small' }, t('notice_withdraw')));
}

function updateNotice(node, notice) {
  const [words, facts, button] = node.children;
  node.className = `notice-item notice-${notice.state}`;
  say(words.firstElementChild, notice.text);
  say(words.lastElementChild, notice.text_en);
  say(facts, factsOf(notice));
  show(button, notice.state === 'running');
  button.onclick = () => withdraw(button, notice);
}

/** Shows what runs and what ended today. */
export function drawNotices(told) {
  today = told.business_day;
  dayCloses = told.day_closes;
  const running = told.notices.filter((notice) => notice.state === 'running');
  keyed(byId('notices'), [...running, ...told.notices.filter((notice) => notice.state !== 'running')], (notice) => notice.id, newNotice, updateNotice);
  say(byId('notices-count'), String(running.length));
  show(byId('notices-count'), running.length > 0);
  say(byId('notice-end').options[0], t('until_day', { time: closingText() }));
}

/** A day that closes at midnight closes at 24:00. */
function closingText() {
  const text = isoHM(dayCloses);
  return text === '00:00' ? '24:00' : text;
}

/** Everything that is wrong, in the page's language. */
function refusalText(error) {
  const texts = error.details.map((detail) => detail.message ?? '').filter(Boolean);
  const own = texts.map((text) => text.split(' / ')[english ? 1 : 0] ?? text);
  return own.length ? own.join(t('full_stop')) : error.message;
}

/** Sends a command; meanwhile its button cannot be pressed. */
async function working(button, done, work) {
  button.disabled = true;
  try {
    await work();
    say(byId('notice-status'), done);
    refresh();
    return true;
  } catch (error) {
    if (error.status === undefined) throw error;
    say(byId('notice-status'), refusalText(error));
    return false;
  } finally {
    button.disabled = false;
  }
}

const withdraw = (button, notice) => working(button, t('notice_withdrawn_now'), () => command(`/notices/${encodeURIComponent(notice.id)}/withdraw`));

function written() {
  const end = byId('notice-end').value;
  const places = Array.from(document.querySelectorAll('#notice-form [name=place]:checked')).map((box) => box.value);
  const every = places.includes('voice') && byId('notice-every').value;
  const body = { text: byId('notice-text').value.trim(), text_en: byId('notice-text-en').value.trim(), places };
  if (end === 'stay') body.stay = true;
  if (end === 'time') body.until = fromHall(byId('notice-time').value).toISOString();
  if (every) body.every_min = Number(every);
  return body;
}

async function post(event) {
  event.preventDefault();
  const nowhere = document.querySelector('#notice-form [name=place]:checked') === null;
  if (nowhere) {
    say(byId('notice-status'), t('notice_nowhere'));
    return;
  }
  if (!(await working(byId('notice-post'), t('notice_posted_now'), () => command('/notices', written())))) return;
  byId('notice-form').reset();
  adapt();
}

/** Shows the fields that the choices need. */
function adapt() {
  const form = byId('notice-form');
  const timed = byId('notice-end').value === 'time';
  const time = byId('notice-time');
  show(byId('notice-time-box'), timed);
  time.required = timed;
  const soon = nowMs() + SOON_MS;
  if (timed && !time.value) time.value = `${hallDay(soon)}T${clockHM(soon)}`;
  show(byId('notice-every-box'), form.querySelector('[value=voice]').checked);
  say(byId('notice-left'), `${Array.from(byId('notice-text').value).length}/${MOST_CHARACTERS}`);
}

/** Makes the card work; `again` fetches what the page shows. */
export function beginNotices(again) {
  refresh = again;
  const form = byId('notice-form');
  form.addEventListener('submit', post);
  form.addEventListener('input', () => {
    say(byId('notice-status'), '');
    adapt();
  });
  adapt();
}
