"use strict";
/* How figures are written; the same rules as in board.py, so that the first state does not jump. */
const dzvinFormat = (language, zone) => {
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  const unit = (name) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" });
  const units = { second: unit("second"), minute: unit("minute"), hour: unit("hour") };
  const time = new Intl.DateTimeFormat(language, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: zone || undefined,
  });
  const NONE = "–";

  const clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    const two = (value) => String(value).padStart(2, "0");
    const minutes = Math.floor(whole / 60);
    if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
    return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
  };

  return {
    clock,
    number: (value) => number.format(value),
    percent: (share) => (share === null ? NONE : percent.format(share)),
    wait: (seconds) => (seconds === null ? NONE : clock(seconds)),
    seconds: (value) => units.second.format(value),
    time: (at) => time.format(new Date(at * 1000)),
    age: (seconds) => {
      if (seconds < 60) return units.second.format(Math.max(0, Math.round(seconds)));
      if (seconds < 3600) return units.minute.format(Math.floor(seconds / 60));
      return units.hour.format(Math.floor(seconds / 3600));
    },
    put: (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]),
  };
};
