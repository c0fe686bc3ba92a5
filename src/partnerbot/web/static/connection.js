// What happens between the visitor and the service: a question is on its way, takes long, was refused,
// or the network has gone. Said in the page's words, at once.

import { work } from "./challenge.js";
import { announce, box, idle, messages, words } from "./page.js";

const SLOW_MILLISECONDS = 8000;
const banner = document.getElementById("connection");
const text = banner.querySelector("p");

let sentAt = 0;
let before = 0;
let cut = () => {};

export function tell(message, lasting) {
  banner.hidden = false;
  banner.dataset.kind = lasting ? "lasting" : "passing";
  text.textContent = message;
  announce(message);
  if (!lasting) setTimeout(() => text.textContent === message && hush(), 4000);
}

/** Do something when the network breaks an answer off. */
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
  before = messages().length;
  sentAt = Date.now();
  document.body.dataset.sending = "";
  hush();
}

function arrived() {
  delete document.body.dataset.sending;
}

// One question at a time: while one is on its way or answered, Enter leaves the next one in the box.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.target !== box() || event.isComposing) return;
    if (document.body.dataset.sending === undefined && idle()) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && event.target === box() && !event.isComposing) sending();
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#send")) sending();
});

/** Gradio's requests, watched: one that is refused or lost is told by us, not by Gradio in English. "run" is
    what a button that needs no turn asks for. */
const plainFetch = window.fetch;
window.fetch = async (...request) => {
  const address = String(request[0]?.url ?? request[0]);
  const asks = address.includes("/gradio_api/queue/join");
  const acts = asks || address.includes("/gradio_api/run/");
  const stream = address.includes("/gradio_api/queue/data");
  if (asks) document.body.dataset.joining = "";
  try {
    if (asks && words.challengeAddress) await work(words.challengeAddress, plainFetch).catch(() => {});
    const response = await plainFetch(...request);
    if (acts && !response.ok) {
      arrived();
      tell(await wordsOf(response.clone()), true);
    }
    return stream && response.ok ? watched(response) : response;
  } catch (failure) {
    if ((acts || stream) && failure.name !== "AbortError") lose(stream);
    throw failure;
  } finally {
    if (asks) delete document.body.dataset.joining;
  }
};

/** Say that the network broke; `answering` if it was in the middle of an answer. */
function lose(answering) {
  arrived();
  tell(navigator.onLine ? words.lost : words.offline, true);
  if (answering) cut();
}

/** A stream of events as it comes, and told when it breaks. */
function watched(response) {
  const reader = response.body.getReader();
  const body = new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (failure) {
        if (failure.name !== "AbortError") lose(true);
        controller.error(failure);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(body, response);
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
}, 1000);
