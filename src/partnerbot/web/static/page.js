// What the parts of the page share: its words, its announcer, and the box that questions are written in.

export const words = JSON.parse(document.getElementById("words").textContent);
/** How long something is waited for of which nothing comes. */
export const PATIENCE_MILLISECONDS = 12_000;
export const FINISHED = ".pb-answered, .pb-absent, .pb-failed, .pb-rejected, .pb-stopped";

const announcer = document.getElementById("announcer");

/** Say a text to screen readers, once. */
export function announce(text) {
  announcer.textContent = text;
}

/** Every message of the conversation, oldest first: questions and answers. */
export function messages() {
  return [...document.querySelectorAll("#conversation :is(.pb-question, .pb-answer)")];
}

/** The chat's box, from when Gradio has put it there. */
export function chatBox() {
  return document.querySelector("#question textarea");
}

/** The box that the next question is written in; none while the early one is there. */
export function box() {
  return document.getElementById("early") ? null : chatBox();
}

/** Whether no answer is under way. */
export function idle() {
  return document.getElementById("send")?.checkVisibility() ?? false;
}

/** Write into one of Gradio's text boxes, as a visitor would. */
export function write(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Ask a question, as a visitor would. */
export function ask(text) {
  if (!idle()) return;
  write(box(), text);
  // The box hands its text on with the next frame.
  setTimeout(() => document.getElementById("send").click(), 50);
}

/** Put the cursor where the next question is written, unless that would open a phone's keyboard. */
export function returnToQuestion() {
  if (matchMedia("(hover: hover)").matches) box()?.focus();
}

/** Show another label on a button for a moment, and say it. */
export function confirmOn(button, text) {
  const label = button.dataset.label ?? button.textContent;
  button.dataset.label = label;
  button.textContent = text;
  announce(text);
  setTimeout(() => (button.textContent = label), 2000);
}
