// Numbers, sizes and times as people write them.

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const LONG = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const SECONDS = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** 21.53, 1,204, 0.004: four figures. */
export function figure(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en-GB");
  if (size === 0) return "0";
  return String(Number(value.toPrecision(size >= 1 ? 4 : 3)));
}

/** A reading with its unit. */
export function reading(value, unit = "") {
  if (value === null || value === undefined) return "nothing usable";
  if (typeof value === "string") return value.replaceAll("_", " ");
  return unit ? `${figure(value)}${unit === "%" || unit.startsWith("°") ? "" : " "}${unit === "%" ? "\u00a0%" : unit.startsWith("°") ? `\u00a0${unit}` : unit}` : figure(value);
}

const WORDS = { door: ["open", "closed"], garage_door: ["open", "closed"], window: ["open", "closed"], opening: ["open", "closed"],
  motion: ["motion", "no motion"], occupancy: ["occupied", "empty"], presence: ["there", "away"], smoke: ["smoke", "no smoke"],
  moisture: ["wet", "dry"], gas: ["gas", "no gas"], battery: ["low", "fine"], connectivity: ["connected", "away"], lock: ["unlocked", "locked"],
  problem: ["problem", "fine"], tamper: ["tampered with", "fine"], vibration: ["shaking", "still"], sound: ["noise", "quiet"],
  carbon_monoxide: ["carbon monoxide", "none"], safety: ["unsafe", "safe"] };

/** What "on" and "off" mean of something that only says these: a window that is "on" is open. */
export function worded(id, deviceClass, state) {
  const pair = id.startsWith("binary_sensor.") ? WORDS[deviceClass] : null;
  return pair && (state === "on" || state === "off") ? pair[state === "on" ? 0 : 1] : state;
}

export function bytes(count) {
  if (count === null || count === undefined) return "–";
  if (count >= 1e9) return `${(count / 1e9).toFixed(count >= 1e10 ? 0 : 1)} GB`;
  if (count >= 1e6) return `${Math.round(count / 1e6)} MB`;
  return `${Math.max(0, Math.round(count / 1e3))} kB`;
}

/** "2 hours 5 minutes", with at most `most` units. */
export function span(seconds, most = 2) {
  let left = Math.max(0, Math.round(seconds));
  const parts = [];
  for (const [name, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count && parts.length < most) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
  }
  return parts.join(" ") || "0 seconds";
}

/** 4:05, 1:02:09: what counts down. */
export function clock(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  const hours = Math.floor(left / 3600);
  const rest = `${String(Math.floor(left / 60) % 60).padStart(hours ? 2 : 1, "0")}:${String(left % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** "just now", "5 minutes ago". */
export function ago(at, now = Date.now() / 1000) {
  const seconds = now - at;
  return seconds < 45 ? "just now" : `${span(seconds, 1)} ago`;
}

/** The time where it is of today, else with the day. */
export function moment(at) {
  const date = new Date(at * 1000);
  const today = new Date().toDateString() === date.toDateString();
  return today ? TIME.format(date) : `${DAY.format(date)}, ${TIME.format(date)}`;
}

/** With seconds, where it is of today. */
export function exactly(at) {
  const date = new Date(at * 1000);
  return new Date().toDateString() === date.toDateString() ? SECONDS.format(date) : moment(at);
}

export const day = (at) => DAY.format(new Date(at * 1000));
export const hours = (at) => TIME.format(new Date(at * 1000));
export const exact = (at) => LONG.format(new Date(at * 1000));

/** For <input type="datetime-local">, in the browser's own zone. */
export function local(at) {
  const date = new Date(at * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
