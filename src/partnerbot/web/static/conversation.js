// The conversation in this tab: kept over a reload (sessionStorage, gone with the tab), begun from a
// shared link, edited, shared, cleared, and taken along to the page in another language. Nothing of it is
// kept anywhere else.

import { onCut, tell } from "./connection.js";
import { sendEarly } from "./early.js";
import { announce, ask, box, confirmOn, idle, messages, returnToQuestion, words, write } from "./page.js";
import { linkTo, takeShared } from "./shared_link.js";

const KEY = "partnerbot";
/** Where the words in the box wait while the visitor goes to the page in another language. */
const SWITCHING = `${KEY}-switching`;
/** Where the words in the box wait while the page is loaded again after a cut. */
const DRAFT = `${KEY}-draft`;
/** Where the last answer waits, in the language that the visitor has left. */
const LEFT = `${KEY}-left`;

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

/** A box of Gradio's that nobody sees: what the chat and this script tell each other. */
const hidden = (id) => document.querySelector(`#${id} textarea, #${id} input`);

/** The conversation as the chat has it: a list in JSON of questions and what was said to them. */
const conversation = () => JSON.parse(hidden("saved")?.value || "[]");

/** Whether what the tab had has not come back yet: what is kept of it stays as it is. */
const restoring = () => document.body.dataset.restoring !== undefined;

/** What is shown comes before what is kept of it, maybe long before: it is looked for again for some seconds. */
function save(again = 25) {
  if (!idle()) return;
  if (messages().length === 0 || conversation().length) keep();
  if (again && conversation().length * 2 < messages().length) waiting = setTimeout(save, 200, again - 1);
}

/** Keep the conversation in this tab; what is being answered stays as stopped. */
function keep() {
  if (restoring()) return;
  let kept = conversation();
  const brokenOff = hidden("under-way")?.value;
  if (brokenOff && !idle()) {
    const { after, exchange } = JSON.parse(brokenOff);
    kept = [...kept.slice(0, after), exchange];
  }
  try {
    if (kept.length) storage?.setItem(KEY, JSON.stringify(kept));
    else storage?.removeItem(KEY);
  } catch {
    // A full storage keeps what it had.
  }
}

let brought = 0;

/** Have a conversation drawn. The chat hears of it only where the text differs from the last one that was brought. */
function bring(exchanges) {
  write(hidden("brought"), exchanges + " ".repeat(++brought % 2));
}

/** Which exchange of the conversation a question stands in. */
const numberOf = (question) => Number(question.id.replace("turn-", ""));

async function share(button) {
  const shown = messages();
  const number = numberOf(shown[shown.indexOf(button.closest(".pb-answer")) - 1]);
  const { link, carries } = linkTo(conversation()[number]);
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
  confirmOn(button, carries ? words.sharedWith : words.shared);
}

const note = () => document.getElementById("editing");

/** Ask a question once more, in its place; `translated`: for an answer in the language of this page. */
function askAgain(number, translated = false) {
  write(hidden("place"), JSON.stringify({ after: number, translated }));
  ask(conversation()[number].question);
}

function edit(question) {
  write(hidden("place"), JSON.stringify({ after: numberOf(question) }));
  write(box(), question.querySelector(".pb-said").textContent);
  note().hidden = false;
  box().focus();
  announce(words.editing);
}

function stopEditing() {
  write(hidden("place"), "");
  write(box(), "");
  note().hidden = true;
  returnToQuestion();
}

/** The conversation that was cleared last, for the visitor to have it back. */
let gone = "";
const clearedNote = () => document.getElementById("cleared");

function clear() {
  if (note() && !note().hidden) stopEditing();
  gone = hidden("saved").value;
  saved(LEFT, true);
  bring("[]");
}

/** Bring a conversation back; until it is drawn, what is kept of it stays. */
function restore(exchanges) {
  document.body.dataset.restoring = "";
  bring(exchanges);
  // A conversation that doesn't come back must not keep the page from working.
  setTimeout(() => delete document.body.dataset.restoring, 5000);
}

function undo() {
  clearedNote().hidden = true;
  try {
    storage?.setItem(KEY, gone);
  } catch {
    // It is kept once it is drawn.
  }
  restore(gone);
  gone = "";
  returnToQuestion();
}

/** The foot of the page goes along with what is read: the beginning, or the conversation. */
function placeFoot() {
  const foot = document.getElementById("foot");
  const log = messages().length ? document.querySelector('#conversation [role="log"]') : null;
  const place = log ?? document.getElementById("start");
  if (foot.parentElement !== place) place.append(foot);
}

/** Take the conversation along to the page in another language. */
function switchLanguage(event) {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  keep();
  try {
    storage?.setItem(SWITCHING, box()?.value ?? "");
  } catch {
    // The words in the box go with the page.
  }
}

/** Answer the last question in the language of this page, which the visitor has just changed to: with the
    answer that it had here before, if it is that one that was left. */
function answerHere() {
  const [exchanges, language] = [conversation(), document.documentElement.lang];
  const last = exchanges.findLastIndex(({ question, outcome }) => question.trim() && outcome !== "carried");
  if (last < 0 || exchanges[last].answer?.language === language) return;
  const left = JSON.parse(saved(LEFT) ?? "null");
  try {
    storage?.setItem(LEFT, JSON.stringify(exchanges[last]));
  } catch {
    // It is answered again for who comes back.
  }
  if (left?.question === exchanges[last].question && left.answer?.language === language) {
    bring(JSON.stringify([...exchanges.slice(0, last), left, ...exchanges.slice(last + 1)]));
  } else askAgain(last, true);
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.(
    ".pb-edit, .pb-share, .pb-retry, .pb-suggestion, .pb-example, .pb-languages a, #stop-editing, #clear, #undo",
  );
  if (!target) return;
  if (target.matches(".pb-share")) share(target);
  else if (target.matches(".pb-languages a")) switchLanguage(event);
  else if (target.id === "stop-editing") stopEditing();
  else if (target.closest("#early")) sendEarly(target.textContent);
  else if (!idle()) return;
  else if (target.matches(".pb-edit")) edit(target.closest(".pb-question"));
  else if (target.id === "clear") clear();
  else if (target.id === "undo") undo();
  else if (target.matches(".pb-retry")) {
    const shown = messages();
    askAgain(numberOf(shown[shown.indexOf(target.closest(".pb-answer")) - 1]));
  }
  else {
    ask(target.textContent);
    returnToQuestion();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target === box() && note() && !note().hidden) stopEditing();
});

let waiting = 0;

const draft = saved(DRAFT, true);
if (draft !== null) {
  document.querySelector("#early textarea").value = draft;
  tell(words.lost, true);
}
const switching = saved(SWITCHING, true);
let written = switching;
if (written) document.querySelector("#early textarea").value = written;

const linkedNote = document.getElementById("linked");

/** Put the question of a link into the box, and return the conversation that it begins, with what was asked
    before it; null without one. Any page can open a link: it is for the visitor to send it. */
function shared() {
  const link = takeShared();
  if (!link) return null;
  const field = box() ?? document.querySelector("#early textarea");
  write(field, link.question);
  if (matchMedia("(hover: hover)").matches) field.focus();
  linkedNote.hidden = false;
  announce(linkedNote.textContent);
  return link.before.map((question) => ({ question, outcome: "carried" }));
}

// On the page itself a link only changes what is behind the "#".
addEventListener("hashchange", () => {
  const begun = shared();
  if (!begun) return;
  gone = hidden("saved").value;
  bring(JSON.stringify(begun));
});
const before = saved(KEY) ?? "[]";
const begunByLink = shared();
if (begunByLink && before !== "[]") gone = before;
const earlier = begunByLink ?? JSON.parse(before);
let begun = false;
if (earlier.length) document.body.dataset.restoring = "";

let leaving = false;

// The chat does nothing more. As soon as the service is there again the page is loaded anew, by us or by
// Gradio, with all that was said, and what the visitor is writing.
onCut(async () => {
  leaving = true;
  if (!idle()) keep();
  const reached = () =>
    fetch(location.href, { method: "HEAD", signal: AbortSignal.timeout(5000) }).then((response) => response.ok, () => false);
  do await new Promise((over) => setTimeout(over, 1000));
  while (!(await reached()));
  location.reload();
});

/** Once the chat is there, bring back the conversation. */
function begin() {
  const composer = document.getElementById("composer");
  if (begun || !hidden("brought") || !composer || !box() || !idle()) return;
  begun = true;
  composer.before(document.getElementById("notes"));
  if (earlier.length) restore(JSON.stringify(earlier));
}

let here = switching === null;

new MutationObserver(() => {
  begin();
  placeFoot();
  if (messages().length) delete document.body.dataset.restoring;
  if (!here && messages().length && idle()) {
    here = true;
    setTimeout(answerHere, 100);
  }
  if (gone && clearedNote().hidden) {
    clearedNote().hidden = false;
    announce(words.cleared);
  }
  if (document.querySelector(".pb-pending")) {
    note().hidden = clearedNote().hidden = linkedNote.hidden = true;
    gone = "";
    // What was being written when the language was changed; the question took its place in the box.
    if (written) setTimeout((text) => write(box(), text), 300, written);
    written = "";
  }
  clearTimeout(waiting);
  waiting = setTimeout(save, 200);
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });

addEventListener("pagehide", () => {
  save();
  try {
    if (leaving) storage?.setItem(DRAFT, box()?.value ?? "");
  } catch {
    // The words in the box go with the page.
  }
});
