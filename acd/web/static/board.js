"use strict";
/* Keeps the wallboard live: snapshots by WebSocket, ticking times, and a clear word when the line is lost. */
(() => {
  const body = document.body;
  const byId = (id) => document.getElementById(id);
  const { words, signs, levels, order, names } = JSON.parse(body.dataset.settings);
  const format = dzvinFormat(document.documentElement.lang, body.dataset.zone);
  let last = null;
  let clockAhead = 0;
  let lostAt = null;

  const now = () => Date.now() / 1000 + clockAhead;
  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const fill = (row, values) => {
    for (const [name, text] of Object.entries(values)) {
      const place = row.querySelector(`[data-f="${name}"]`);
      if (place) write(place, text);
    }
  };

  /* Rows by id in the given order; only what differs is touched. */
  const keep = (parent, template, items, show) => {
    const old = new Map([...parent.querySelectorAll(":scope > [data-id]")].map((row) => [row.dataset.id, row]));
    let place = parent.firstElementChild;
    for (const item of items) {
      let row = old.get(item.id);
      if (row) old.delete(item.id);
      else {
        row = template.content.firstElementChild.cloneNode(true);
        row.dataset.id = item.id;
      }
      if (row === place) place = place.nextElementSibling;
      else parent.insertBefore(row, place);
      show(row, item);
    }
    for (const row of old.values()) row.remove();
  };

  const levelOf = (queue) => {
    if (queue.logged_in === 0) return queue.waiting ? "nobody" : "empty";
    return queue.waiting && longest(queue) > queue.answer_within ? "late" : "ok";
  };
  const longest = (queue) => queue.longest_wait_for + Math.max(0, now() - last.at);

  const tickQueue = (card, queue) => {
    const level = levelOf(queue);
    card.dataset.level = level;
    fill(card, {
      longest: queue.waiting ? format.clock(longest(queue)) : "–",
      sign: levels[level],
      level: format.put(words[`level_${level}`], { within: format.seconds(queue.answer_within) }),
    });
  };

  const showQueue = (card, queue) => {
    const title = card.querySelector("h3");
    title.id = `q-${queue.id}`;
    card.setAttribute("aria-labelledby", title.id);
    const values = { name: names.queues[queue.id] ?? queue.name };
    for (const name of ["waiting", "idle", "busy", "wrap_up", "on_break", "logged_in", "answered", "abandoned"]) {
      values[name] = format.number(queue[name]);
    }
    values.service_level = format.percent(queue.service_level);
    values.mean_wait = format.wait(queue.mean_wait_for);
    values.work_open = format.number(queue.work_open);
    values.work_due = format.number(queue.work_due);
    values.kept_share = format.percent(queue.kept_share);
    const work = card.querySelector(".work");
    work.dataset.due = queue.work_due ? "yes" : "no";
    work.hidden = queue.work_open === 0 && queue.kept_share === null;
    values.formula = format.put(words.formula, {
      within: format.seconds(queue.answer_within), short: format.seconds(queue.short_abandon_for),
    });
    fill(card, values);
    tickQueue(card, queue);
  };

  const stateOf = (operator) => {
    if (operator.status === "logged out") return "logged out";
    if (operator.activity !== "idle") return operator.activity;
    if (operator.status === "on break") return "on break";
    if (!operator.reachable) return "unreachable";
    return operator.set_aside ? "set aside" : "idle";
  };

  const more = (operator, state) => {
    let text = "";
    if (state === "on break" && operator.reason) text += `: ${names.reasons[operator.reason] ?? words[`reason_${operator.reason}`] ?? operator.reason}`;
    const next = operator.next_status;
    if (next) text += `, ${words[`next_${next}`] ?? next}`;
    return text;
  };

  const nameOf = (operator) => names.operators[operator.id] ?? operator.name;

  const showOperator = (row, operator) => {
    const state = stateOf(operator);
    row.dataset.state = state;
    fill(row, {
      name: nameOf(operator), sign: signs[state], state: words[`state_${state}`], more: more(operator, state),
      since: format.clock(now() - operator.since),
    });
  };

  const people = () => last.operators
    .filter((operator) => operator.status !== "logged out")
    .sort((a, b) => order.indexOf(stateOf(a)) - order.indexOf(stateOf(b)) || (nameOf(a) < nameOf(b) ? -1 : 1));

  const show = () => {
    const queues = byId("queues");
    keep(queues, byId("queue-card"), last.queues, showQueue);
    queues.dataset.count = last.queues.length;
    byId("no-queues").hidden = last.queues.length > 0;
    const shown = people();
    keep(document.querySelector("#operators ul"), byId("operator-row"), shown, showOperator);
    byId("nobody").hidden = shown.length > 0;
    const out = last.operators.length - shown.length;
    byId("out").hidden = out === 0;
    write(byId("out"), format.put(words.more_out, { count: format.number(out) }));
  };

  const tick = () => {
    if (lostAt !== null) return sayLost();
    write(byId("clock"), format.time(now()));
    if (!last) return;
    const queues = new Map(last.queues.map((queue) => [queue.id, queue]));
    for (const card of document.querySelectorAll(".queue")) {
      const queue = queues.get(card.dataset.id);
      if (queue) tickQueue(card, queue);
    }
    const operators = new Map(last.operators.map((operator) => [operator.id, operator]));
    for (const row of document.querySelectorAll(".operator")) {
      const operator = operators.get(row.dataset.id);
      if (operator) fill(row, { since: format.clock(now() - operator.since) });
    }
  };

  const say = (text, link, linkText) => {
    const banner = byId("banner");
    banner.hidden = text === "";
    write(banner, text);
    byId("link").dataset.link = link;
    write(byId("link-text"), linkText);
  };
  /* The banner's age ticks, so it is no live region; `said` is, and is written once for each change. */
  const announce = (text) => write(byId("said"), text);

  const lostText = () => (last
    ? format.put(words.lost, { time: format.time(last.at), age: format.age(now() - last.at) })
    : words.connecting);
  const sayLost = () => say(lostText(), "lost", words.connecting);

  const lost = () => {
    if (lostAt !== null) return;
    lostAt = Date.now() / 1000;
    body.classList.add("lost");
    sayLost();
    announce(lostText());
  };

  const found = () => {
    const text = last.health.switch_up ? "" : words.switch_down;
    if (lostAt !== null || byId("banner").textContent !== text) announce(text || words.live);
    lostAt = null;
    body.classList.remove("lost");
    say(text, "live", words.live);
  };

  const receive = (data) => {
    if (data.type !== "snapshot") return;
    dzvinReloadIfOld(data.page);
    last = data;
    clockAhead = data.at - Date.now() / 1000;
    found();
    show();
  };

  document.documentElement.classList.add("js");
  setInterval(tick, 1000);
  dzvinLive("/ws", receive, lost);
})();
