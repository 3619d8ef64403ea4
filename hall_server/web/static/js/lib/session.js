// Log-in shared by the staff's pages.

import { get, post, remove, setCsrf, whenLoggedOut } from './api.js';
import { byId, say, show } from './dom.js';
import { t } from './page.js';

const REMEMBERED_WINDOW = 'hall.window';
const REMEMBERED_STAFF = 'hall.staff';

/** The last choice on this computer; storage may be switched off. */
function remembered(key) {
  try {
    return localStorage.getItem(key) ?? '';
  } catch (error) {
    return '';
  }
}

function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    // A browser without storage forgets, nothing else.
  }
}

/** Enter in the list of windows logs in; browsers would open the list. */
function submitOnEnter(event) {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  byId('login-form').requestSubmit();
}

/**
 * Runs the log-in of a page. `onIn(session)` when somebody is logged in, `onOut()` when not.
 * `roles` are those who may use the page.
 */
export class Session {
  constructor({ roles, onIn, onOut }) {
    this.roles = roles;
    this.onIn = onIn;
    this.onOut = onOut;
    this.info = null;
    byId('login-form').addEventListener('submit', (event) => this.submit(event));
    const select = byId('login-window');
    if (select) select.addEventListener('keydown', submitOnEnter);
    byId('log-out').addEventListener('click', () => this.leave());
    byId('other-login').addEventListener('click', () => this.logOut());
    whenLoggedOut(() => {
      if (this.info) this.showLogin(t('session_over'));
    });
  }

  async begin() {
    try {
      this.enter(await get('/session'));
    } catch (error) {
      this.showLogin(error.status === 401 ? '' : error.message);
    }
  }

  enter(info) {
    setCsrf(info.csrf_token);
    this.info = info;
    const allowed = this.roles.includes(info.staff.role);
    show(byId('loading'), false);
    show(byId('login'), false);
    show(byId('log-out'), true);
    say(byId('who'), `${info.staff.name} · ${t(`role_${info.staff.role}`)}`);
    say(byId('not-allowed-text'), t('need_role', { roles: this.roles.map((role) => t(`role_${role}`)).join(t('list_comma')), role: t(`role_${info.staff.role}`) }));
    show(byId('not-allowed'), !allowed);
    show(byId('desk'), allowed);
    if (allowed) this.onIn(info);
  }

  showLogin(message) {
    this.info = null;
    setCsrf(null);
    show(byId('loading'), false);
    show(byId('desk'), false);
    show(byId('not-allowed'), false);
    show(byId('log-out'), false);
    show(byId('link'), false);
    show(byId('login'), true);
    say(byId('who'), '');
    this.error(message);
    const staff = byId('staff-no');
    if (!staff.value) staff.value = remembered(REMEMBERED_STAFF);
    const select = byId('login-window');
    if (select && !select.value) select.value = remembered(REMEMBERED_WINDOW);
    if (select && select.selectedIndex < 0) select.selectedIndex = 0;
    (staff.value ? byId('pin') : staff).focus();
    this.onOut();
  }

  error(message) {
    say(byId('login-error'), message);
    show(byId('login-error'), message !== '');
  }

  async submit(event) {
    event.preventDefault();
    const button = byId('login-form').querySelector('button');
    if (button.disabled) return;
    button.disabled = true;
    const select = byId('login-window');
    const body = { staff_no: byId('staff-no').value.trim(), pin: byId('pin').value };
    if (select && select.value) body.window = Number(select.value);
    try {
      const info = await post('/session', body);
      keep(REMEMBERED_STAFF, body.staff_no);
      if (select) keep(REMEMBERED_WINDOW, select.value);
      byId('pin').value = '';
      this.error('');
      this.enter(info);
    } catch (error) {
      this.error(error.message);
      byId('pin').select();
    } finally {
      button.disabled = false;
    }
  }

  /** Asks `mayLeave` first; a page may set it. */
  async leave() {
    if (this.mayLeave && !(await this.mayLeave())) return;
    await this.logOut();
  }

  async logOut() {
    try {
      await remove('/session');
    } catch (error) {
      if (error.status !== 401) {
        byId('link-text').textContent = error.message;
        return;
      }
    }
    this.showLogin('');
  }
}

