// What Gradio's chat leaves to the page: its language, its links, and what a screen reader hears.
"use strict";

// Gradio takes its own words from the browser's language. This page has one of its own.
// This script runs before Gradio's, because both are deferred and this one comes first.
const pageLanguage = document.documentElement.lang;
Object.defineProperty(navigator, "language", { get: () => pageLanguage });
Object.defineProperty(navigator, "languages", { get: () => [pageLanguage] });

const words = document.body.dataset;
const announcer = document.getElementById("announcer");

/** Say a text to screen readers, once. */
function announce(text) {
  announcer.textContent = text;
}

/** The plain text of an answer and its numbered sources, to paste elsewhere. */
function answerWithSources(article) {
  const said = [...article.querySelectorAll(".pb-short, .pb-body")].map((part) => part.innerText.trim());
  const sources = [...article.querySelectorAll(".pb-source")].map((source) => {
    const part = (name) => source.querySelector(name)?.textContent.trim() ?? "";
    return `[${part(".pb-number")}] ${part(".pb-title")}\n“${part(".pb-quote")}”\n${source.querySelector(".pb-open").href}`;
  });
  return [...said, ...sources].join("\n\n");
}

/** Put the cursor where the next question is written, unless that would open a phone's keyboard. */
function returnToQuestion() {
  if (matchMedia("(hover: hover)").matches) document.querySelector("#question textarea")?.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#send, #stop, #retry, #clear, .example")) returnToQuestion();
  const citation = event.target.closest?.(".pb-cite");
  if (citation) {
    // The page has a <base>, so that a link to "#…" alone would leave it.
    event.preventDefault();
    const source = document.getElementById(citation.hash.slice(1));
    source?.scrollIntoView({ block: "nearest" });
    source?.focus({ preventScroll: true });
    return;
  }
  if (event.target.closest?.(".pb-skip")) {
    event.preventDefault();
    document.querySelector("#question textarea")?.focus();
    return;
  }
  const copy = event.target.closest?.(".pb-copy");
  if (copy) {
    navigator.clipboard.writeText(answerWithSources(copy.closest(".pb-answer"))).then(() => {
      const label = copy.textContent;
      copy.textContent = words.copied;
      announce(words.copied);
      setTimeout(() => (copy.textContent = label), 2000);
    });
  }
});

// Enter that ends a Japanese conversion chooses a word; it must not send the question.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
  },
  { capture: true },
);

/** Mend what Gradio's chat says to screen readers: English labels, and messages' HTML read as names. */
function mend() {
  const log = document.querySelector('#conversation [role="log"]');
  if (!log) return;
  // Answers are announced once, whole, by the announcer: not token by token.
  if (log.getAttribute("aria-live") !== "off") log.setAttribute("aria-live", "off");
  if (log.getAttribute("aria-label") !== words.conversation) log.setAttribute("aria-label", words.conversation);
  for (const named of log.querySelectorAll("[data-testid][aria-label], .example[aria-label]")) {
    named.removeAttribute("aria-label");
  }
}

let announced = null;

/** Announce the state of the newest answer, when it has changed. */
function announceNewest() {
  const newest = [...document.querySelectorAll("#conversation .pb-answer")].at(-1);
  if (!newest || newest.classList.contains("pb-partial")) return;
  const said = [...newest.querySelectorAll(".pb-short, .pb-body, .pb-warning")].map((part) => part.innerText);
  const text = (said.length ? said : [newest.innerText]).join(" ").trim();
  if (text !== announced) announce(text);
  announced = text;
}

let questionCount = 0;
let following = false;

/** Keep a new question at the top of the conversation while its answer grows, until the visitor scrolls. */
function follow() {
  const questions = document.querySelectorAll("#conversation .user-row");
  const newest = questions[questions.length - 1] ?? null;
  if (questions.length !== questionCount) following = newest !== null;
  questionCount = questions.length;
  if (following) newest.closest('[role="log"]').scrollTop = newest.offsetTop - 12;
}

for (const gesture of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  document.addEventListener(gesture, (event) => {
    if (event.target.closest?.("#conversation")) following = false;
  }, { passive: true });
}

new MutationObserver(() => {
  mend();
  follow();
  announceNewest();
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label"] });
