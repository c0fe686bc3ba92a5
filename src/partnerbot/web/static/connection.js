// What happens between the visitor and the service: a question is on its way, takes long, was refused,
// or the network has gone. Said in the page's words, at once.

import { work } from "./challenge.js";
import { announce, box, idle, messages, PATIENCE_MILLISECONDS, words } from "./page.js";

const SLOW_MILLISECONDS = 8000;
const banner = document.getElementById("connection");
const text = banner.querySelector("p");

let sentAt = 0;
let before = 0;
let cut = () => {};
/** Whether the chat does nothing more until the page is loaded again. */
let dead = false;
/** Requests and streams that are under way: without any, an answer that is awaited doesn't come. */
let open = 0;
let lonelySeconds = 0;

export function tell(message, lasting) {
  banner.hidden = false;
  banner.dataset.kind = lasting ? "lasting" : "passing";
  text.textContent = message;
  announce(message);
  if (!lasting) setTimeout(() => takeBack(message), 4000);
}

/** Hide a message that is no longer true, if it is the one that is shown. */
export function takeBack(message) {
  if (text.textContent === message) hush();
}

/** Do something when the network breaks the chat off. */
export function onCut(act) {
  cut = act;
}

function hush() {
  banner.hidden = true;
}

banner.querySelector("button").addEventListener("click", () => {
  hush();
  box()?.focus();
});

addEventListener("offline", () => tell(words.offline, true));
addEventListener("online", () => tell(words.online, false));
if (!navigator.onLine) tell(words.offline, true);

/** Show that the question is on its way before anything has come back. */
function sending() {
  if (!idle() || !box()?.value.trim()) return;
  count.hidden = true;
  before = messages().length;
  sentAt = Date.now();
  document.body.dataset.sending = "";
  hush();
}

function arrived() {
  delete document.body.dataset.sending;
}

const count = document.getElementById("count");
const number = new Intl.NumberFormat(document.documentElement.lang);
/** From this share of the most that is read on, the characters are counted. */
const COUNTED_FROM = 0.9;

/** How many characters a text has, as the service counts them. */
const lengthOf = (text) => [...text.normalize("NFC")].length;

/** Whether a question has more characters than are read. */
export function isTooLong(text) {
  return lengthOf(text) > words.longestQuestion;
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("#question textarea")) return;
  const [length, tooLong] = [lengthOf(target.value), isTooLong(target.value)];
  if (tooLong && !count.classList.contains("pb-over")) announce(words.tooLong);
  count.hidden = length < words.longestQuestion * COUNTED_FROM;
  count.classList.toggle("pb-over", tooLong);
  const counted = `${number.format(length)} / ${number.format(words.longestQuestion)}`;
  count.textContent = tooLong ? `${counted} – ${words.tooLong}` : counted;
});

/** Why what the box has can't be sent; empty if it can. */
function wrong() {
  if (!box()?.value.trim()) return words.empty;
  return isTooLong(box().value) ? words.tooLong : "";
}

/** Say at the box what is wrong; the count says it of what is too long. */
function tellWrong(why) {
  if (why === words.empty) {
    [count.hidden, count.textContent] = [false, why];
    count.classList.add("pb-over");
  }
  announce(why);
}

document.addEventListener(
  "click",
  (event) => {
    if (!event.target.closest?.("#send") || !wrong()) return;
    event.stopPropagation();
    tellWrong(wrong());
    box()?.focus();
  },
  { capture: true },
);

// One question at a time: while one is on its way or answered, Enter leaves the next one in the box.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.target !== box() || event.isComposing) return;
    const why = wrong();
    if (!dead && !why && document.body.dataset.sending === undefined && idle()) return;
    event.preventDefault();
    event.stopPropagation();
    if (dead) tellLost();
    else if (why) tellWrong(why);
  },
  { capture: true },
);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && event.target === box() && !event.isComposing) sending();
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#send")) sending();
});
document.addEventListener(
  "click",
  (event) => {
    if (!dead || !event.target.closest?.("#composer button, #clear, .pb-retry")) return;
    event.stopPropagation();
    tellLost();
  },
  { capture: true },
);

/** Gradio's requests, watched: one that is refused or lost is told by us, not by Gradio in English. "run" is
    what a button that needs no turn asks for. */
const plainFetch = window.fetch;
window.fetch = async (...request) => {
  const address = String(request[0]?.url ?? request[0]);
  if (!address.includes("/gradio_api/")) return plainFetch(...request);
  if (address.includes("/gradio_api/queue/data")) return listen(new Request(...request));
  // Gradio asks for this once it has given up, and shows that to nobody.
  if (address.includes("/gradio_api/app_id")) lose();
  const asks = address.includes("/gradio_api/queue/join");
  if (!asks && !address.includes("/gradio_api/run/")) return patientFetch(...request);
  if (asks) document.body.dataset.joining = "";
  open += 1;
  try {
    if (asks && words.challengeAddress) await work(words.challengeAddress, patientFetch);
    const response = await patientFetch(...request);
    const whole = new Response(await response.arrayBuffer(), response);
    if (!response.ok) {
      arrived();
      tell(await wordsOf(whole.clone()), true);
    }
    return whole;
  } catch {
    arrived();
    tellLost();
    // After a request that failed Gradio takes no other. A refusal it survives.
    return Response.json({ detail: "" }, { status: 502 });
  } finally {
    open -= 1;
    if (asks) delete document.body.dataset.joining;
  }
};

function patientFetch(resource, options) {
  return plainFetch(resource, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS), ...options });
}

function tellLost() {
  tell(navigator.onLine ? words.lost : words.offline, true);
}

/** Say that the network broke the chat off, once. */
function lose() {
  if (dead) return;
  dead = true;
  arrived();
  tellLost();
  cut();
}

const never = new Promise(() => {});

/** Whether the page is being left: what Gradio lets go of then has not failed. A link that only downloads leaves
    nothing, so this is forgotten after a while. */
let leaving = false;
addEventListener("beforeunload", () => {
  leaving = true;
  setTimeout(() => (leaving = false), PATIENCE_MILLISECONDS);
});

/** A stream of events as it comes; broken off when it breaks, or when nothing comes any more: while an answer
    is under way the service sends something each second. */
async function listen(request) {
  const silence = new AbortController();
  request.signal.addEventListener("abort", () => silence.abort(request.signal.reason));
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    const reason = new DOMException("Nothing has come.", "TimeoutError");
    timer = setTimeout(() => silence.abort(reason), PATIENCE_MILLISECONDS);
  };
  const end = () => {
    clearTimeout(timer);
    open -= 1;
  };
  /** End the stream; returns whether that is because the page is left. */
  const fail = (failure) => {
    end();
    const letGo = failure.name === "AbortError";
    if (!letGo) lose();
    return letGo && leaving;
  };
  open += 1;
  wait();
  try {
    const response = await plainFetch(request, { signal: silence.signal });
    const reader = response.body.getReader();
    const body = new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          wait();
          if (!done) return controller.enqueue(value);
          end();
          controller.close();
        } catch (failure) {
          if (fail(failure)) return never;
          controller.error(failure);
        }
      },
      cancel(reason) {
        end();
        return reader.cancel(reason);
      },
    });
    return new Response(body, response);
  } catch (failure) {
    if (fail(failure)) return never;
    throw failure;
  }
}

/** The service's own words for a refusal, if it gave any. */
async function wordsOf(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return words.refused;
  }
}

new MutationObserver(() => {
  const begun = !idle() || messages().length !== before || box()?.value === "";
  if (document.body.dataset.sending !== undefined && begun) arrived();
}).observe(document.body, { childList: true, subtree: true });

setInterval(() => {
  const pending = document.querySelector(".pb-pending .pb-searching");
  if (pending && sentAt && Date.now() - sentAt > SLOW_MILLISECONDS && pending.textContent !== words.slow) {
    pending.textContent = words.slow;
    announce(words.slow);
  }
  const awaited = document.getElementById("stop")?.checkVisibility() ?? false;
  lonelySeconds = awaited && !open ? lonelySeconds + 1 : 0;
  if (lonelySeconds > 3) lose();
}, 1000);
