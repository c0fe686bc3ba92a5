// What Gradio's chat leaves to the page: its language, its links, and what a screen reader hears.
import "./evidence.js";
import "./conversation.js";
import "./connection.js";
import "./early.js";
import "./feedback.js";
import "./translation.js";
import { announce, box, confirmOn, messages, returnToQuestion, words } from "./page.js";

// Gradio takes its own words from the browser's language. This page has one of its own.
// This script runs before Gradio's, because both are deferred and this one comes first.
const pageLanguage = document.documentElement.lang;
Object.defineProperty(navigator, "language", { get: () => pageLanguage });
Object.defineProperty(navigator, "languages", { get: () => [pageLanguage] });

/** What a point says, as it is pasted: its words, and the numbers of its sources. */
function pointText(point) {
  const text = point.querySelector(".pb-quote, .pb-point-text");
  const numbers = [...point.querySelectorAll(".pb-number")].map((number) => `[${number.textContent}]`).join(" ");
  const said = text.textContent.trim();
  return `${text.matches(".pb-quote") ? quoted(said) : said} ${numbers}`.trim();
}

const quoted = (text) => words.quotation.replace("{quote}", () => text);

/** A question, its answer and its numbered sources, for pasting elsewhere: as plain and as formatted text. */
function withSources(article) {
  const all = messages();
  const question = all[all.indexOf(article) - 1]?.querySelector(".pb-said")?.textContent.trim() ?? "";
  const parts = [...article.querySelectorAll(".pb-short, .pb-body, .pb-warning, .pb-as-of, .pb-group, .pb-points")];
  const sources = [...article.querySelectorAll(".pb-source, .pb-origin[id]")].map((source) => {
    const text = (name) => source.querySelector(name)?.textContent.trim() ?? "";
    const facts = [...source.querySelectorAll(".pb-facts > *")].map((fact) => fact.textContent).join(" · ");
    const link = text(".pb-address") || source.querySelector(".pb-see").href;
    return { number: text(".pb-number"), title: text(".pb-title"), quote: text(".pb-quote"), facts, link };
  });
  const pointsOf = (part) => [...part.querySelectorAll(".pb-point")].map(pointText);
  const marked = (part) => pointsOf(part).map((text) => `– ${text}`);
  const plain = [
    question,
    ...parts.map((part) => (part.matches(".pb-points") ? marked(part).join("\n") : part.innerText.trim())),
    ...sources.map(({ number, title, facts, quote, link }) =>
      [`[${number}] ${title}`, facts, quote && quoted(quote), link].filter(Boolean).join("\n"),
    ),
  ].join("\n\n");
  const formatted = document.createElement("div");
  formatted.appendChild(document.createElement("p")).textContent = question;
  for (const part of parts) {
    if (part.matches(".pb-points")) {
      const points = document.createElement("ul");
      for (const text of pointsOf(part)) points.appendChild(document.createElement("li")).textContent = text;
      formatted.append(points);
      continue;
    }
    const paragraph = document.createElement("p");
    const large = part.matches(".pb-short, .pb-group") ? document.createElement("strong") : paragraph;
    large.textContent = part.innerText.trim();
    if (large !== paragraph) paragraph.append(large);
    formatted.append(paragraph);
  }
  const list = document.createElement("ol");
  for (const { title, facts, quote, link } of sources) {
    const item = document.createElement("li");
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = title;
    item.append(anchor, facts ? ` (${facts})` : "");
    if (quote) item.appendChild(document.createElement("blockquote")).textContent = quote;
    list.append(item);
  }
  if (sources.length) formatted.append(list);
  return { plain, formatted: formatted.innerHTML };
}

async function copyAnswer(button) {
  const { plain, formatted } = withSources(button.closest(".pb-answer"));
  const types = { "text/plain": new Blob([plain], { type: "text/plain" }) };
  types["text/html"] = new Blob([formatted], { type: "text/html" });
  await navigator.clipboard.write([new ClipboardItem(types)]);
  confirmOn(button, words.copied);
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#send, #stop, .pb-retry, #clear")) returnToQuestion();
  if (event.target.closest?.(".pb-skip")) {
    event.preventDefault();
    (box() ?? document.querySelector("#early textarea")).focus();
    return;
  }
  const copy = event.target.closest?.(".pb-copy");
  if (copy) copyAnswer(copy);
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
  for (const named of log.querySelectorAll("[data-testid][aria-label]")) named.removeAttribute("aria-label");
}

let announced = null;

/** Announce the state of the newest answer, when it has changed. */
function announceNewest() {
  const newest = [...document.querySelectorAll("#conversation .pb-answer")].at(-1);
  if (!newest || newest.matches(".pb-partial:not(.pb-stopped)") || newest === announced?.element) return;
  const said = [...newest.querySelectorAll(".pb-short, .pb-body, .pb-warning, .pb-group, .pb-points .pb-quote, .pb-point-text")].map(
    (part) => part.innerText,
  );
  const text = (said.length ? said : [newest.innerText]).join(" ").trim();
  if (text !== announced?.text && document.body.dataset.restoring === undefined) announce(text);
  announced = { element: newest, text };
}

let questionCount = 0;
let following = false;

/** In a lower window, as over a phone's keyboard, a question would take the room of its answer. */
const LOW = matchMedia("(max-height: 30rem)");

/** Keep a new question at the top of the conversation while its answer grows, until the visitor scrolls. */
function follow() {
  const questions = document.querySelectorAll("#conversation .user-row");
  const newest = questions[questions.length - 1] ?? null;
  if (questions.length !== questionCount) following = newest !== null;
  questionCount = questions.length;
  if (!following) return;
  const log = newest.closest('[role="log"]');
  const answer = LOW.matches && newest.nextElementSibling?.querySelector(".pb-answer:not(.pb-pending)");
  const first = answer || (newest.querySelector(".pb-question") ?? newest);
  log.scrollTop += first.getBoundingClientRect().top - log.getBoundingClientRect().top - 12;
}

for (const gesture of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  document.addEventListener(gesture, (event) => {
    if (event.target.closest?.("#conversation")) following = false;
  }, { passive: true });
}

// A phone's keyboard takes half of the page: what is left is to show the newest reply, not the middle of one.
addEventListener("resize", () => {
  if (document.activeElement === box()) following = questionCount > 0;
  follow();
});

new MutationObserver(() => {
  mend();
  follow();
  announceNewest();
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label"] });
