"use strict";
/* The line to the server: every message to `receive`; `lost` at the end of each connection, then again. */
const dzvinLive = (path, receive, lost) => {
  const SILENT_FOR = 12;
  const MAX_PAUSE_FOR = 15;
  let pauseFor = 0.5;
  const connect = () => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    let watchdog = null;
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      clearTimeout(watchdog);
      socket.close();
      lost();
      setTimeout(connect, pauseFor * (0.75 + Math.random() / 2) * 1000);
      pauseFor = Math.min(MAX_PAUSE_FOR, pauseFor * 2);
    };
    const wait = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(end, SILENT_FOR * 1000);
    };
    socket.onmessage = (message) => {
      wait();
      pauseFor = 0.5;
      receive(JSON.parse(message.data));
    };
    socket.onclose = end;
    socket.onerror = end;
    wait();
  };
  connect();
};

/* A server with newer files: load them, but never in a loop. */
const dzvinReloadIfOld = (page) => {
  if (page === document.body.dataset.page || sessionStorage.getItem("reloaded for") === page) return;
  sessionStorage.setItem("reloaded for", page);
  location.reload();
};
