// The chat inside another page's frame: what widget.js, around the frame, and the chat say to each other.
// The page around can only be one that the owner allowed (frame-ancestors); it is told no question and
// no answer.
"use strict";

const around = window.parent;
const FINISHED_ANSWERS = { "pb-answered": "answered", "pb-absent": "not_in_documents", "pb-rejected": "rejected", "pb-failed": "failed" };
/** Longer than any answer takes. */
const PATIENCE_MILLISECONDS = 180_000;
const FINISHED = Object.keys(FINISHED_ANSWERS).map((name) => `.${name}`).join();
const BLACK = [0, 0, 0];
const WHITE = [255, 255, 255];

const box = () => document.querySelector("body:not(:has(#early)) #question textarea");
/** The box that is there before the chat is, and hands on what is written in it or sent. */
const earlyBox = () => document.querySelector("#early textarea");
const sendButton = () => document.querySelector("#send");

/** The page around the frame, once it has greeted: its origin. */
let greeter = null;

function tell(type, content = {}) {
  // Until the page around has greeted, its origin isn't known; "alive" says nothing worth hiding.
  around.postMessage({ partnerbot: type, ...content }, greeter ?? "*");
}

/** The conversation that this tab keeps, null without one; undefined where the browser refuses it storage. */
function kept() {
  try {
    return sessionStorage.getItem("partnerbot");
  } catch {
    return undefined;
  }
}

/** Look for something again with each change of the page, until it is there. */
function whenThere(look, act) {
  const found = look();
  if (found) {
    act(found);
    return;
  }
  const observer = new MutationObserver(() => {
    const late = look();
    if (!late) return;
    observer.disconnect();
    act(late);
  });
  observer.observe(document.body, { childList: true, subtree: true, attributes: true });
}

function write(text) {
  const field = box();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const pause = (milliseconds) => new Promise((over) => setTimeout(over, milliseconds));

/** Whether no question is on its way or answered, and no conversation is coming back. */
function free() {
  const { sending, restoring } = document.body.dataset;
  return box() && sendButton()?.checkVisibility() && sending === undefined && restoring === undefined;
}

/** Wait until something is so at several looks on end: the chat changes step by step. False if it never is. */
async function settled(look, looks = 3) {
  const end = Date.now() + PATIENCE_MILLISECONDS;
  for (let calm = 0; calm < looks; ) {
    if (Date.now() > end) return false;
    await pause(100);
    calm = look() ? calm + 1 : 0;
  }
  return true;
}

let asked = Promise.resolve();

/** Ask as a visitor would, once all that was asked before has come to an end, whatever end that was. */
function ask(text) {
  asked = asked.then(() => askNow(text)).catch(console.error);
}

async function askNow(text) {
  const early = earlyBox();
  if (early && !early.value) {
    early.value = text;
    early.form.requestSubmit();
    return;
  }
  if (!(await settled(free))) return;
  const draft = box().value;
  // What the visitor was changing stays as words in the box; the page's question changes nothing earlier.
  if (document.querySelector("#editing:not([hidden])")) document.getElementById("stop-editing").click();
  write(text);
  const question = box().value;
  // The box hands its text on with the next frame.
  await pause(50);
  sendButton().click();
  if (draft) await giveBack(draft, question);
}

/** Put the visitor's words into the box again: as soon as a question has left it, and where it was refused. */
async function giveBack(draft, question) {
  await Promise.race([settled(() => box().value !== question, 1), settled(free)]);
  // What was written in that moment goes on from there.
  write(box().value === question ? draft : draft + box().value);
  await settled(free);
  if (box().value === question) write(draft);
}

function focusLast() {
  const reachable = [...document.querySelectorAll("a[href], button, textarea, [tabindex='0']")].filter(
    (element) => !element.disabled && element.checkVisibility(),
  );
  reachable.at(-1)?.focus();
}

// ---- Colours of the page around ------------------------------------------------------------------

function channels(color) {
  const digits = color.length === 4 ? [...color.slice(1)].map((digit) => digit + digit).join("") : color.slice(1);
  return [0, 2, 4].map((start) => parseInt(digits.slice(start, start + 2), 16));
}

function luminance(color) {
  const [red, green, blue] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colours as WCAG 2 defines it. */
function contrast(one, other) {
  const [dim, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}

/** A colour moved towards black or white until text in it can be read on the background. */
function readable(color, background, towards) {
  let shade = color;
  for (let share = 0; contrast(shade, background) < 5 && share <= 1; share += 0.05) {
    shade = color.map((channel, index) => Math.round(channel + (towards[index] - channel) * share));
  }
  return shade;
}

const css = (color) => `rgb(${color.join(" ")})`;

function paint(accent, dark) {
  const paper = dark ? [33, 43, 54] : [238, 242, 246]; // --tint, the background that is hardest to read on
  const shade = readable(channels(accent), paper, dark ? WHITE : BLACK);
  const deep = shade.map((channel, index) => Math.round(channel + ((dark ? WHITE : BLACK)[index] - channel) * 0.25));
  const on = contrast(shade, WHITE) >= contrast(shade, [16, 32, 46]) ? WHITE : [16, 32, 46];
  const style = document.documentElement.style;
  style.setProperty("--accent", css(shade));
  style.setProperty("--accent-deep", css(deep));
  style.setProperty("--on-accent", css(on));
}

/** Follow the scheme that the page around has chosen: every rule for dark applies always, or never. */
function choose(scheme) {
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (rule.media?.mediaText.includes("prefers-color-scheme: dark")) {
        rule.media.mediaText = scheme === "dark" ? "all" : "not all";
      }
    }
  }
  document.documentElement.style.setProperty("color-scheme", scheme);
}

function greet({ accent, scheme, compact }) {
  const forced = scheme === "light" || scheme === "dark";
  if (forced) choose(scheme);
  document.documentElement.classList.toggle("pb-compact", compact === true);
  if (/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(accent ?? "")) {
    const wished = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => paint(accent, forced ? scheme === "dark" : wished.matches);
    repaint();
    wished.addEventListener("change", repaint);
  }
  tell("greeted");
  whenThere(box, () => tell("ready", { keeps: Boolean(kept()) }));
}

// ---- What is heard -----------------------------------------------------------------------------

const heard = {
  ask: ({ text }) => ask(String(text)),
  focus: () => {
    if (matchMedia("(hover: hover)").matches) {
      (box() ?? earlyBox())?.focus();
      return;
    }
    // On a phone that would open the keyboard over the page's first words: those are read out instead.
    const notice = [...document.querySelectorAll(".pb-notice")].find((each) => each.checkVisibility());
    if (!notice) return;
    notice.tabIndex = -1;
    notice.focus();
  },
  "focus-last": focusLast,
};

function start() {
  addEventListener("message", (event) => {
    if (event.source !== around || typeof event.data?.partnerbot !== "string") return;
    if (event.data.partnerbot === "hello" && greeter === null && event.origin !== "null") {
      greeter = event.origin;
      greet(event.data);
    } else if (event.origin === greeter && Object.hasOwn(heard, event.data.partnerbot)) {
      heard[event.data.partnerbot](event.data);
    }
  });
  // Escape that ends a Japanese conversion is the conversion's own. One that ends something in the chat is
  // that thing's, which is looked for before it has ended.
  let inUse = null;
  const look = () => (inUse = document.querySelector("dialog[open], #editing:not([hidden])"));
  document.addEventListener("keydown", look, { capture: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || event.keyCode === 229) return;
    if (!event.defaultPrevented && !inUse) tell("escape");
  });
  let count = 0;
  // A conversation that comes back is no new answer, also in the change that ends its coming.
  let restoring = document.body.dataset.restoring;
  new MutationObserver(() => {
    const finished = document.querySelectorAll(FINISHED);
    if (finished.length > count && restoring === undefined) {
      const name = Object.keys(FINISHED_ANSWERS).find((status) => finished[finished.length - 1].classList.contains(status));
      tell("answer", { status: FINISHED_ANSWERS[name], keeps: kept() !== undefined });
    }
    restoring = document.body.dataset.restoring;
    count = finished.length;
  }).observe(document.body, { childList: true, subtree: true });
  tell("alive");
}

if (around !== window) start();
