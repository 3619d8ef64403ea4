// The strip at the bottom: that the hall closes soon, the notices, and between them what always
// holds. One after another, so that each can be read from its beginning.

import { byId, say, show } from '../lib/dom.js';
import { english, nameOf, page, t } from '../lib/page.js';
import { closesInMin, noticesFor, runThrough } from '../lib/screen.js';
import { isoHM } from '../lib/time.js';

/** A notice in the page's language first, then in the other. */
export function noticeText(notice) {
  const texts = english ? [notice.text_en, notice.text] : [notice.text, notice.text_en];
  return texts.filter(Boolean).join('　　');
}

function standing() {
  const { hall } = page;
  const missed = english ? hall.missed_text_en : hall.missed_text;
  const hours = english ? hall.hours_text_en : hall.hours_text;
  return [t('ticker'), missed, hours].filter(Boolean).map((text, index) => ({ key: `standing ${index}`, text }));
}

function pressing(board, now) {
  const notices = noticesFor(board, 'board', now).map((notice) => {
    return { key: `notice ${notice.id}`, label: t('notice'), text: noticeText(notice) };
  });
  if (closesInMin(board, now) === null) return notices;
  const text = t('closing_soon', { time: isoHM(board.closes_at) });
  return [{ key: `closes ${board.closes_at}`, label: t('closing_label'), text }, ...notices];
}

/** What runs through the strip, in turn: everything pressing before each thing that always holds. */
export function stripItems(board, now) {
  const first = board === null ? [] : pressing(board, now);
  return standing().flatMap((item) => [...first, item]);
}

export class Strip {
  constructor() {
    this.at = -1;
    this.shown = null;
    this.until = 0;
    this.known = new Set();
  }

  /** Moves on when it is time, and at once to a notice that is new. */
  turn(items, now) {
    const fresh = items.findIndex((item) => item.label && !this.known.has(item.key));
    const gone = this.shown !== null && !items.some((item) => item.key === this.shown);
    this.known = new Set(items.map((item) => item.key));
    if (fresh >= 0) this.at = fresh;
    else if (gone || now >= this.until) this.at = (this.at + 1) % items.length;
    else return;
    this.draw(items[this.at % items.length], now);
  }

  draw(item, now) {
    this.shown = item.key;
    byId('strip').classList.toggle('strip-notice', Boolean(item.label));
    show(byId('strip-label'), Boolean(item.label));
    say(byId('strip-label'), item.label ?? '');
    say(byId('strip-text'), item.text);
    this.until = now + runThrough(byId('strip-text'));
  }
}
