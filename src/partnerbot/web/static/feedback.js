// Was an answer useful? Told at the tap; why not, afterwards, by who likes to. Sent without cookies; the question goes along only where the owner keeps questions.

import { announce, messages, PATIENCE_MILLISECONDS, words } from "./page.js";

const dialog = document.getElementById("feedback");

/** Characters of an answer that are sent; the service takes no more. */
const LONGEST_ANSWER = 4000;

/** The answer that the open dialog is about, and what has been sent of it. */
let about = null;
let sent = null;

/** A name for one visitor's word on one answer: a reason that follows it is no second word. */
function newName() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The name that the service has for the document of a link. */
function sourceOf(link) {
  return decodeURIComponent(link.pathname.slice(link.pathname.indexOf("/documents/") + "/documents/".length));
}

function content(answer, useful) {
  const told = {
    useful,
    language: document.documentElement.lang,
    status: answer.matches(".pb-absent") ? "not_in_documents" : "answered",
    sources: [...new Set([...answer.querySelectorAll(".pb-see")].map((link) => sourceOf(link)))],
  };
  if (words.feedbackWithQuestion.includes(useful)) {
    const all = messages();
    told.question = all[all.indexOf(answer) - 1]?.querySelector(".pb-said")?.textContent;
    const parts = answer.querySelectorAll(".pb-said, .pb-points .pb-quote, .pb-point-text");
    told.answer = [...parts].map((part) => part.innerText).join("\n").slice(0, LONGEST_ANSWER);
  }
  return told;
}

async function send(answer, told) {
  const place = answer.querySelector(".pb-feedback");
  let stored = false;
  try {
    const response = await fetch(words.feedbackAddress, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(told),
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
    stored = response.ok;
  } catch {
    // Told below.
  }
  const reply = document.createElement("p");
  reply.textContent = stored ? words.feedbackThanks : words.feedbackFailed;
  if (stored) place.replaceChildren(reply);
  else {
    place.querySelector("p")?.remove();
    place.append(reply);
  }
  announce(reply.textContent);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".pb-useful, .pb-not-useful");
  if (!button) return;
  const answer = button.closest(".pb-answer");
  if (button.matches(".pb-useful")) {
    send(answer, content(answer, true));
    return;
  }
  about = answer;
  sent = { ...content(answer, false), name: newName() };
  send(answer, sent);
  dialog.querySelector("form").reset();
  dialog.showModal();
});

if (dialog) {
  dialog.querySelector(".pb-cancel").addEventListener("click", () => dialog.close());
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    dialog.close();
    send(about, { ...sent, reason: form.get("reason"), comment: form.get("comment") });
  });
}
