"use strict";
/* Keeps a page of promises fresh: when something happens to one, the server's page is fetched again and what
   differs is put in place. With the token (this tab only) it comes with numbers, words and orders. */
(() => {
  const body = document.body;
  const byId = (id) => document.getElementById(id);
  const said = JSON.parse(body.dataset.said);
  const format = dzvinFormat(document.documentElement.lang, body.dataset.zone);
  const KEY = "dzvin token";
  const ABOUT = /^(Work|Customer|CallerReturned|OperatorHeld|HoldEnded)/;
  const EVERY_FOR = 20;
  const PAUSE_FOR = 1;
  let seenAt = Date.now() / 1000;
  let fetching = false;
  let again = false;
  let lostAt = null;

  const token = () => sessionStorage.getItem(KEY) ?? "";
  const headers = () => (token() ? { Authorization: `Bearer ${token()}` } : {});
  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  /* The new state of `old`, touched only where it differs: focus and what is typed stay. */
  const mend = (old, fresh) => {
    if (old.isEqualNode(fresh) || old.id === "answer") return;
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.nodeType === Node.TEXT_NODE
      || old.dataset?.id !== fresh.dataset?.id) {
      old.replaceWith(fresh.cloneNode(true));
      return;
    }
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    if (old.nodeName === "TBODY") return mendRows(old, fresh);
    if (old.childNodes.length !== fresh.childNodes.length) {
      old.replaceChildren(...[...fresh.childNodes].map((child) => child.cloneNode(true)));
      return;
    }
    [...old.childNodes].forEach((child, place) => mend(child, fresh.childNodes[place]));
  };

  const mendRows = (old, fresh) => {
    const known = new Map([...old.rows].filter((row) => row.dataset.id).map((row) => [row.dataset.id, row]));
    const rows = [...fresh.rows].map((row) => {
      const mine = known.get(row.dataset.id);
      if (!mine) return row.cloneNode(true);
      mend(mine, row);
      return mine;
    });
    if (rows.length !== old.rows.length || rows.some((row, place) => row !== old.rows[place])) {
      const focused = document.activeElement?.closest("tr")?.dataset.id;
      old.replaceChildren(...rows);
      if (focused) old.querySelector(`tr[data-id="${CSS.escape(focused)}"] a`)?.focus();
    }
  };

  const isTyping = () => {
    const at = document.activeElement;
    return at !== null && at.closest(".orders") !== null && at.nodeName === "INPUT" && at.value !== "";
  };

  const refresh = async () => {
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    try {
      const answer = await fetch(location.href, { headers: headers(), cache: "no-store" });
      if (answer.status === 401) {
        sessionStorage.removeItem(KEY);
        write(byId("key-why"), (await answer.json()).error.text);
        showKey();
        again = true;
      } else if (answer.ok || answer.status === 404) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (!isTyping()) mend(byId("list"), page.getElementById("list"));
        seenAt = Date.now() / 1000;
      }
    } catch {
      /* the line to the server says so by itself */
    } finally {
      setTimeout(() => {
        fetching = false;
        if (again) {
          again = false;
          refresh();
        }
      }, PAUSE_FOR * 1000);
    }
  };

  const showKey = () => {
    byId("key").hidden = false;
    byId("forget-token").hidden = token() === "";
    byId("use-token").hidden = byId("token").hidden = token() !== "";
  };

  const useToken = () => {
    const typed = byId("token").value.trim();
    if (!typed) return;
    sessionStorage.setItem(KEY, typed);
    byId("token").value = "";
    showKey();
    refresh();
  };

  const forgetToken = () => {
    sessionStorage.removeItem(KEY);
    showKey();
    refresh();
  };

  const order = async (fieldset) => {
    const fields = [...fieldset.querySelectorAll("input, select")];
    if (!fields.every((field) => field.reportValidity())) return;
    const given = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    const work = document.querySelector("[data-work]").dataset.work;
    let text = "";
    try {
      const answer = await fetch(`/api/promises/${work}/${fieldset.dataset.order}`, {
        method: "POST", headers: { ...headers(), "Content-Type": "application/json" }, body: JSON.stringify(given),
      });
      text = answer.ok ? said.ordered : (await answer.json()).error.text;
      if (answer.ok) for (const field of fields) if (field.nodeName === "INPUT") field.value = "";
    } catch (error) {
      text = String(error);
    }
    write(byId("said"), text);
    if (byId("answer")) write(byId("answer"), text);
    document.activeElement?.blur();
    refresh();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("fieldset[data-order] button");
    if (button) order(button.closest("fieldset"));
  });
  byId("use-token").addEventListener("click", useToken);
  byId("token").addEventListener("keydown", (event) => event.key === "Enter" && useToken());
  byId("forget-token").addEventListener("click", forgetToken);

  const say = (text, link, linkText) => {
    const banner = byId("banner");
    banner.hidden = text === "";
    write(banner, text);
    byId("link").dataset.link = link;
    write(byId("link-text"), linkText);
  };
  const lostText = () => format.put(said.lost, { time: format.time(seenAt), age: format.age(Date.now() / 1000 - seenAt) });
  const lost = () => {
    if (lostAt !== null) return;
    lostAt = Date.now() / 1000;
    body.classList.add("lost");
    say(lostText(), "lost", said.connecting);
    write(byId("said"), lostText());
  };
  const found = () => {
    if (lostAt !== null) {
      write(byId("said"), said.live);
      refresh();
    }
    lostAt = null;
    body.classList.remove("lost");
    say("", "live", said.live);
  };

  dzvinLive("/ws?facts=1", (data) => {
    found();
    if (data.type === "snapshot") dzvinReloadIfOld(data.page);
    if (data.type === "facts" && (data.lost || data.records.some(({ fact }) => ABOUT.test(fact.kind) || fact.work != null))) refresh();
  }, lost);
  setInterval(() => {
    if (lostAt !== null) say(lostText(), "lost", said.connecting);
    else if (Date.now() / 1000 - seenAt > EVERY_FOR) refresh();
  }, 1000);
  document.documentElement.classList.add("js");
  showKey();
  if (token()) refresh();
})();
