// The box for the question that the page has from its first byte. What is written in it, or sent from it,
// goes over to the chat's own box as soon as Gradio has put that there.

import { announce, ask, box, chatBox, idle, PATIENCE_MILLISECONDS, words, write } from "./page.js";
import { isTooLong, takeBack, tell } from "./connection.js";

const SLOW_MILLISECONDS = 8000;
/** How long the chat may take to come, as long as no question waits for it. */
const LONGEST_MILLISECONDS = 60_000;

const early = document.getElementById("early");
const field = early.querySelector("textarea");
const button = early.querySelector("form button");
const note = early.querySelector(".pb-searching");

let sent = false;
let composing = false;
let patience = setTimeout(missing, LONGEST_MILLISECONDS);

function send() {
  if (sent || !field.value.trim() || isTooLong(field.value)) return;
  sent = true;
  field.readOnly = true;
  button.disabled = true;
  note.hidden = false;
  announce(note.textContent);
  clearTimeout(patience);
  patience = setTimeout(missing, PATIENCE_MILLISECONDS);
  setTimeout(() => {
    if (!sent || !early.isConnected) return;
    note.textContent = words.slow;
    announce(words.slow);
  }, SLOW_MILLISECONDS);
}

field.addEventListener("compositionstart", () => (composing = true));
field.addEventListener("compositionend", () => (composing = false));
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  send();
});
early.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

/** Send an example. */
export function sendEarly(question) {
  if (sent) return;
  field.value = question;
  send();
}

/** Once the chat is there, let it take the place of the early box. */
function handOver() {
  // A word that is being converted would be lost with its box.
  const conversation = document.getElementById("conversation");
  if (!early.isConnected || !conversation || !chatBox() || !idle() || composing) return;
  const { value, selectionStart, selectionEnd } = field;
  const focused = document.activeElement === field;
  clearTimeout(patience);
  takeBack(words.notLoaded);
  // The welcome stays, over an empty conversation.
  conversation.before(document.getElementById("start"));
  early.remove();
  document.querySelector(".pb-skip").setAttribute("href", "#question");
  if (!sent && value) write(box(), value);
  if (focused) {
    box().focus();
    if (!sent) box().setSelectionRange(selectionStart, selectionEnd);
  }
  if (sent) whenRestored(() => ask(value));
}

/** Do something once the conversation that this tab had is back, if it had one. */
function whenRestored(then) {
  if (document.body.dataset.restoring === undefined) then();
  else setTimeout(() => whenRestored(then), 50);
}

// Gradio asks for its theme by a whole address, and not again where a link has that. It is in our styles.
const theme = document.createElement("link");
theme.rel = "stylesheet";
theme.type = "text/plain";
theme.href = new URL(`theme.css?v=${window.gradio_config.theme_hash}`, document.baseURI).href;
document.head.append(theme);

/** Say that the chat did not come, instead of leaving a page that does nothing. */
function missing() {
  if (!early.isConnected) return;
  sent = field.readOnly = button.disabled = false;
  note.hidden = true;
  tell(navigator.onLine ? words.notLoaded : words.offline, true);
}

addEventListener("vite:preloadError", missing);
addEventListener("error", (event) => event.target.matches?.('script[src*="/static/gradio/"]') && missing(), true);

new MutationObserver(handOver).observe(document.body, { childList: true, subtree: true });
field.addEventListener("compositionend", () => setTimeout(handOver));
