// The conversation in this tab: kept over a reload (sessionStorage, gone with the tab), begun from a
// shared link, edited, and shared. Nothing of it is kept anywhere else.

import { onCut, tell } from "./connection.js";
import { sendEarly } from "./early.js";
import { announce, ask, box, confirmOn, idle, messages, returnToQuestion, words, write } from "./page.js";

const KEY = `partnerbot-${document.documentElement.lang}`;
/** Where the words in the box wait while the page is loaded again after a cut. */
const DRAFT = `${KEY}-draft`;
const UNFINISHED = ".pb-pending, .pb-partial:not(.pb-stopped)";

/** The tab's storage; a frame whose browser refuses it one does without. */
const storage = (() => {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
})();

/** What has been kept under a name, and is forgotten if it is taken `once`; or null. */
function saved(name, once = false) {
  try {
    const found = storage?.getItem(name) ?? null;
    if (once) storage?.removeItem(name);
    return found;
  } catch {
    return null;
  }
}

/** An answer that was broken off, as one that was stopped. */
function stop(answer) {
  const note = document.createElement("p");
  note.className = "pb-note";
  note.textContent = words.stopped;
  answer.querySelector(".pb-searching")?.remove();
  answer.classList.remove("pb-pending");
  answer.classList.add("pb-partial", "pb-stopped");
  answer.append(note);
}

function save() {
  if (document.body.dataset.restoring === undefined && idle()) keep();
}

/** Keep the messages in this tab, as the chat has them: a list in JSON. */
function keep() {
  const kept = messages().map((message) => {
    const role = message.matches(".pb-question") ? "user" : "assistant";
    const copy = message.cloneNode(true);
    for (const button of copy.querySelectorAll("[data-label]")) {
      button.textContent = button.dataset.label;
      button.removeAttribute("data-label");
    }
    if (copy.matches(UNFINISHED)) stop(copy);
    return { role, content: copy.outerHTML };
  });
  try {
    if (kept.length) storage?.setItem(KEY, JSON.stringify(kept));
    else storage?.removeItem(KEY);
  } catch {
    // A full storage keeps what it had.
  }
}

/** The link that asks a question of this page; behind the "#", which no server and no log is told. */
function linkTo(question) {
  const link = new URL(location.pathname, location.href);
  link.hash = new URLSearchParams({ q: question });
  return link.href;
}

async function share(button) {
  const before = messages();
  const question = before[before.indexOf(button.closest(".pb-answer")) - 1];
  const link = linkTo(question.querySelector(".pb-said").textContent);
  if (navigator.share && matchMedia("(pointer: coarse)").matches) {
    try {
      await navigator.share({ title: document.title, url: link });
      return;
    } catch (refusal) {
      // Left by the visitor. Another refusal is the browser's, as in a frame that may not share.
      if (refusal.name === "AbortError") return;
    }
  }
  await navigator.clipboard.writeText(link);
  confirmOn(button, words.shared);
}

const from = () => document.querySelector("#from textarea, #from input");
const note = () => document.getElementById("editing");

function edit(question) {
  write(from(), String(messages().indexOf(question)));
  write(box(), question.querySelector(".pb-said").textContent);
  note().hidden = false;
  box().focus();
  announce(words.editing);
}

function stopEditing() {
  write(from(), "");
  write(box(), "");
  note().hidden = true;
  returnToQuestion();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.(".pb-edit, .pb-share, .pb-suggestion, .pb-example, #stop-editing");
  if (!target) return;
  if (target.matches(".pb-share")) share(target);
  else if (target.id === "stop-editing") stopEditing();
  else if (target.closest("#early")) sendEarly(target.textContent);
  else if (!idle()) return;
  else if (target.matches(".pb-edit")) edit(target.closest(".pb-question"));
  else {
    ask(target.textContent);
    returnToQuestion();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target === box() && note() && !note().hidden) stopEditing();
});

let waiting = 0;

const behindHash = () => new URLSearchParams(location.hash.slice(1)).get("q");

/** The question that a link asks, taken out of the address: a reload must not ask it again. */
function sharedQuestion() {
  const address = new URL(location.href);
  const question = (behindHash() ?? address.searchParams.get("q"))?.trim();
  if (!question) return null;
  address.searchParams.delete("q");
  if (behindHash() !== null) address.hash = "";
  history.replaceState(history.state, "", address);
  return question;
}

const question = sharedQuestion();
// On the page itself a link only changes what is behind the "#".
addEventListener("hashchange", () => {
  if (behindHash() !== null) location.reload();
});
// A question that was asked for wins over what the tab had before.
const earlier = question ? null : saved(KEY);
let begun = false;
if (earlier) document.body.dataset.restoring = "";
if (question) sendEarly(question);

const draft = saved(DRAFT, true);
if (draft !== null) {
  document.querySelector("#early textarea").value = draft;
  tell(words.lost, true);
}

let leaving = false;

// After a stream that broke, Gradio does nothing more. As soon as the service is there again the page is
// loaded anew, with all that was said, and what the visitor is writing.
onCut(async () => {
  if (leaving) return;
  leaving = true;
  if (!idle()) keep();
  let reached = false;
  while (!reached) {
    await new Promise((over) => setTimeout(over, 1000));
    reached = await fetch(location.href, { method: "HEAD" }).then((response) => response.ok, () => false);
  }
  try {
    storage?.setItem(DRAFT, box()?.value ?? "");
  } catch {
    // The words in the box go with the page.
  }
  location.reload();
});

/** Once the chat is there, bring back the conversation. */
function begin() {
  const field = document.querySelector("#saved textarea, #saved input");
  const composer = document.getElementById("composer");
  if (begun || !field || !composer || !box() || !idle()) return;
  begun = true;
  composer.before(document.getElementById("notes"));
  if (earlier) {
    write(field, earlier);
    // A conversation that doesn't come back must not keep the page from working.
    setTimeout(() => delete document.body.dataset.restoring, 5000);
  }
}

new MutationObserver(() => {
  begin();
  if (messages().length) delete document.body.dataset.restoring;
  if (note() && !note().hidden && document.querySelector(".pb-pending")) note().hidden = true;
  clearTimeout(waiting);
  waiting = setTimeout(save, 200);
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });

addEventListener("pagehide", save);
