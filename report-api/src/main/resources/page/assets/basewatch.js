// What a page does beside being read. All of it is a convenience: each page tells the same without it.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

function themes() {
  const button = $('#theme');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const now = () => document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light');
  const tell = () => button.setAttribute('aria-label', now() === 'dark' ? 'Show in light colours' : 'Show in dark colours');
  button.hidden = false;
  tell();
  button.addEventListener('click', () => {
    document.documentElement.dataset.theme = now() === 'dark' ? 'light' : 'dark';
    try {
      localStorage.setItem('theme', now());
    } catch {
      // It holds for this page.
    }
    tell();
    document.dispatchEvent(new Event('theme'));
  });
  dark.addEventListener('change', () => document.dispatchEvent(new Event('theme')));
}

/** Whether a session ended since the page was loaded: pages lead to where one signs in, answers for programs say so. */
const isSignedOut = answer => answer.status === 401 || new URL(answer.url).pathname.endsWith('/sign-in');

// A page that comes back as it was is asked for again: whoever was signed in then need not be so now.
addEventListener('pageshow', event => {
  if (event.persisted && $('form[action$="/sign-out"]') !== null) {
    location.reload();
  }
});

// Answers while it is typed; the arrow keys go through what was found.
function search() {
  const input = $('#q');
  const box = $('#found');
  const form = input.form;
  let asked = null;
  let wait = 0;
  const close = () => { box.hidden = true; };
  const ask = async () => {
    const text = input.value.trim();
    asked?.abort();
    if (text.length < 2) {
      return close();
    }
    asked = new AbortController();
    try {
      const answer = await fetch(form.action + '?part=true&q=' + encodeURIComponent(text), { signal: asked.signal, headers: { Accept: 'text/html' } });
      if (isSignedOut(answer)) {
        say(box, 'You are signed out: load this page again to sign in.');
        box.hidden = false;
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const found = answer.ok ? $('.found', page) : null;
      if (found === null) {
        return close();
      }
      box.replaceChildren(document.adoptNode(found));
      box.hidden = false;
    } catch (e) {
      if (e.name !== 'AbortError') {
        close();
      }
    }
  };
  input.addEventListener('input', () => {
    clearTimeout(wait);
    wait = setTimeout(ask, 120);
  });
  form.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      close();
      input.focus();
    }
    const links = box.hidden ? [] : $$('a', box);
    if (links.length === 0 || !['ArrowDown', 'ArrowUp'].includes(event.key)) {
      return;
    }
    event.preventDefault();
    const at = links.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1);
    (at < 0 ? input : links[Math.min(at, links.length - 1)]).focus();
  });
  document.addEventListener('click', event => {
    if (!form.contains(event.target)) {
      close();
    }
  });
  document.addEventListener('keydown', event => {
    if (event.key === '/' && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      input.focus();
    }
  });
}

// Sorts the rows of this page, by number where a column has numbers.
function sorting() {
  for (const table of $$('table[data-sortable]')) {
    const heads = $$('thead th', table);
    heads.forEach((head, column) => {
      const isNumber = head.classList.contains('number');
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      const value = row => {
        const text = row.cells[column].innerText.trim();
        return isNumber ? Number.parseFloat(text.replaceAll(',', '')) || 0 : text.toLowerCase();
      };
      button.addEventListener('click', () => {
        const up = head.getAttribute('aria-sort') === (isNumber ? 'descending' : 'none') || (!isNumber && head.getAttribute('aria-sort') !== 'ascending');
        heads.forEach(each => each.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const body = table.tBodies[0];
        const rows = [...body.rows].sort((one, other) => {
          const a = value(one);
          const b = value(other);
          return (a < b ? -1 : a > b ? 1 : 0) * (up ? 1 : -1);
        });
        body.append(...rows);
      });
    });
  }
}

const MEANINGS = {
  ended: '--ended', extended: '--ended-2', standard: '--fine', lts: '--fine-2', rolling: '--fine-3', unknown: '--unknown', unreleased: '--unknown',
  pending: '--unknown-2', partial: '--unknown-2', unscannable: '--unknown-2', open: '--soon', closed: '--fine',
};
/** As the page calls them, the worst first. */
const PHASES = {
  ended: 'support ended', extended: 'paid fixes only', lts: 'free security fixes', standard: 'full support', rolling: 'rolling release',
  unreleased: 'not released yet', unknown: 'support unknown', pending: 'not analysed yet', unscannable: 'not readable',
};
const MONTH = new Intl.DateTimeFormat('en', { month: 'short', year: 'numeric', timeZone: 'UTC' });
const OTHERS = ['--plain', '--fine', '--soon', '--ended', '--unknown', '--fine-2', '--ended-2', '--fine-3'];

function colour(name) {
  // As the browser computes it: a canvas knows nothing of custom properties.
  const probe = document.createElement('i');
  probe.style.color = 'var(' + name + ')';
  // Also where the reader's own colours replace those of pages: a line has to be told from the next.
  probe.style.forcedColorAdjust = 'none';
  document.body.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return computed;
}

function say(place, text) {
  const p = document.createElement('p');
  p.className = 'dim';
  p.setAttribute('role', 'status');
  p.textContent = text;
  place.replaceChildren(p);
}

function tableOf(trend, label) {
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = 'As a table';
  const region = document.createElement('div');
  region.className = 'table';
  region.tabIndex = 0;
  region.setAttribute('role', 'group');
  region.setAttribute('aria-label', label);
  const table = document.createElement('table');
  const caption = table.createCaption();
  caption.className = 'hidden';
  caption.textContent = label;
  const head = table.createTHead().insertRow();
  for (const text of ['Day', ...trend.lines.map(line => PHASES[line.name] ?? line.name)]) {
    const th = document.createElement('th');
    th.scope = 'col';
    th.textContent = text;
    head.append(th);
  }
  const body = table.createTBody();
  trend.days.forEach((day, n) => {
    const row = body.insertRow();
    const th = document.createElement('th');
    th.scope = 'row';
    th.textContent = day;
    row.append(th);
    for (const line of trend.lines) {
      const value = line.values[n];
      row.insertCell().textContent = value === null || value === undefined ? 'not known' : value.toLocaleString('en');
    }
  });
  region.append(table);
  details.append(summary, region);
  return details;
}

/** From the first day of which anything is known; null when there is none. */
function known(trend) {
  const first = Array.isArray(trend.days)
    ? trend.days.findIndex((day, n) => trend.lines.some(line => typeof line.values[n] === 'number'))
    : -1;
  return first < 0
    ? null
    : { days: trend.days.slice(first), lines: trend.lines.map(line => ({ ...line, values: line.values.slice(first) })) };
}

async function trend(place) {
  const series = place.dataset.trend;
  const label = place.dataset.label;
  const base = new URL($('.brand').href);
  const from = new Date(Date.now() - 548 * 86_400_000).toISOString().slice(0, 10);
  let answer = null;
  try {
    const response = await fetch(new URL('api/v1/trends?series=' + series + '&from=' + from + '&resolution=week', base), { headers: { Accept: 'application/json' } });
    if (isSignedOut(response)) {
      return say(place, 'You are signed out: load this page again to sign in.');
    }
    if (response.status === 404) {
      return say(place, 'No history is kept by this version yet.');
    }
    if (!response.ok) {
      return say(place, 'The history cannot be told now (' + response.status + '). Load this page again in a few seconds.');
    }
    answer = await response.json();
  } catch {
    return say(place, 'The history cannot be told now: the service does not answer.');
  }
  answer = known(answer);
  if (answer !== null && series === 'phase') {
    const place = line => (Object.keys(PHASES).indexOf(line.name) + 1) || 99;
    answer.lines.sort((one, other) => place(one) - place(other));
  }
  if (answer === null) {
    return say(place, 'No history yet: the fleet is noted once a day. Come back tomorrow.');
  }
  if (typeof Chart === 'undefined') {
    return place.replaceChildren(tableOf(answer, label));
  }
  const frame = document.createElement('div');
  frame.className = 'frame';
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label + '; the table below has the figures');
  frame.append(canvas);
  place.replaceChildren(frame, tableOf(answer, label));
  let chart = null;
  const draw = () => {
    chart?.destroy();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.color = colour('--dim');
    const stacked = series !== 'backlog';
    chart = new Chart(canvas, {
      type: 'line',
      data: {
        labels: answer.days,
        datasets: answer.lines.map((line, n) => ({
          label: PHASES[line.name] ?? line.name,
          data: line.values,
          borderColor: colour(MEANINGS[line.name] ?? OTHERS[n % OTHERS.length]),
          backgroundColor: colour(MEANINGS[line.name] ?? OTHERS[n % OTHERS.length]),
          fill: stacked,
          pointRadius: answer.days.length < 8 ? 4 : 0,
          borderWidth: 2,
          spanGaps: false,
          tension: 0,
        })),
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: 'index', intersect: false },
        scales: {
          x: { grid: { display: false }, ticks: { maxTicksLimit: 6, maxRotation: 0, callback: n => MONTH.format(new Date(answer.days[n])) } },
          y: { stacked, beginAtZero: true, grid: { color: colour('--line') }, ticks: { precision: 0, maxTicksLimit: 5 } },
        },
        plugins: { legend: { position: 'bottom', labels: { boxWidth: 10, boxHeight: 10 } } },
      },
    });
  };
  draw();
  document.addEventListener('theme', draw);
}

themes();
search();
sorting();
const places = $$('[data-trend]');
if (places.length > 0) {
  // The charts' script is asked for after this one.
  addEventListener('DOMContentLoaded', () => places.forEach(trend));
  if (document.readyState === 'complete') {
    places.forEach(trend);
  }
}
