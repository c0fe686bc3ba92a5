// The source of a citation, opened beside the chat or, on a phone, over it. The browser's back button
// closes it, and it is there again after the page was reloaded.

import { announce, confirmOn, PATIENCE_MILLISECONDS, words } from "./page.js";

const panel = document.getElementById("evidence");
const body = panel.querySelector(".pb-panel-body");
/** The title of what is shown stands in the bar, which doesn't scroll. */
let title = panel.querySelector(".pb-panel-title");
const label = title.textContent;
const beside = matchMedia("(min-width: 64rem)");
/** Where a whole page is too small to read: its text comes first (see style.css). */
const narrow = matchMedia("(max-width: 40rem)");

/** What had the focus before the panel opened. */
let opener = null;
/** The address that is shown, or null. */
let shown = null;

/** Bring the marked words into the middle of what scrolls around them. */
function showMark() {
  const shownFirst = (marks) => [...body.querySelectorAll(marks)].find((mark) => mark.checkVisibility());
  const mark = shownFirst(".pb-box-answer, .pb-answering") ?? shownFirst(".pb-box, mark");
  const view = body.querySelector(".pb-sheet-view");
  if (!mark) return;
  if (view?.contains(mark)) {
    const [at, frame] = [mark.getBoundingClientRect(), view.getBoundingClientRect()];
    view.scrollLeft += at.left + at.width / 2 - frame.left - frame.width / 2;
    view.scrollTop += at.top + at.height / 2 - frame.top - frame.height / 2;
  } else {
    mark.scrollIntoView({ block: "center" });
  }
}

function fail(address) {
  const [message, again] = [document.createElement("p"), document.createElement("button")];
  message.textContent = words.panelFailed;
  again.type = "button";
  again.className = "pb-again";
  again.textContent = words.panelRetry;
  again.addEventListener("click", () => show(address));
  body.replaceChildren(message, again);
  announce(words.panelFailed);
}

/** How long a page is waited for while its text is there: the server gives up drawing it after 30 seconds. */
const DRAWING_MILLISECONDS = 40_000;

/** The panel of a source as HTML, "text" without its page, which takes a while to draw; or null. */
async function load(address, view, patience = PATIENCE_MILLISECONDS) {
  try {
    const url = new URL(address, location.href);
    url.searchParams.set("view", view);
    const response = await fetch(url, { signal: AbortSignal.timeout(patience) });
    // 404 and 503 come with words of their own.
    return response.headers.get("Content-Type")?.startsWith("text/html") ? await response.text() : null;
  } catch {
    return null;
  }
}

function fill(html) {
  body.innerHTML = html;
  const heading = body.querySelector(".pb-panel-title");
  title.replaceWith(heading);
  title = heading;
  const text = body.querySelector(".pb-sheet-text");
  if (text) text.open = narrow.matches;
  showMark();
  title.focus({ preventScroll: true });
}

/** Where the text was shown alone, show the page that it stands on. */
async function showPage(button) {
  const [address, label] = [shown, button.textContent];
  button.disabled = true;
  button.textContent = words.panelLoading;
  const html = await load(address, "panel", DRAWING_MILLISECONDS);
  if (shown !== address || !button.isConnected) return;
  button.disabled = false;
  button.textContent = label;
  if (!html?.includes('class="pb-sheet"')) {
    confirmOn(button, words.panelFailed);
    return;
  }
  fill(html);
  body.querySelector(".pb-view").click();
}

async function show(address) {
  shown = address;
  if (!panel.open) {
    if (beside.matches) panel.show();
    else panel.showModal();
    document.body.classList.add("pb-beside");
  }
  const waiting = document.createElement("p");
  waiting.className = "pb-panel-loading";
  waiting.textContent = words.panelLoading;
  body.replaceChildren(waiting);
  title.textContent = label;
  title.removeAttribute("lang");
  body.classList.remove("pb-as-page");
  body.scrollTop = 0;
  const html = await load(address, narrow.matches ? "text" : "panel");
  if (shown !== address) return;
  if (html === null) {
    fail(address);
    return;
  }
  fill(html);
}

function hide() {
  shown = null;
  document.body.classList.remove("pb-beside");
  if (!panel.open) return;
  panel.close();
  body.replaceChildren();
  if (opener?.isConnected) opener.focus({ preventScroll: true });
  opener = null;
}

function open(address, from) {
  opener = from;
  const state = { ...history.state, source: address };
  // Another source in the open panel takes the first one's place: back closes the panel, once.
  if (shown) history.replaceState(state, "");
  else history.pushState(state, "");
  show(address);
}

function close() {
  if (history.state?.source) history.back();
  else hide();
}

addEventListener("popstate", (event) => {
  if (event.state?.source) show(event.state.source);
  else hide();
});

// Gradio looks after clicks on links itself; ours are taken before that.
document.addEventListener(
  "click",
  (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest?.(".pb-cite, .pb-see");
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    const cited = link.matches(".pb-see") ? link : document.getElementById(link.hash.slice(1))?.querySelector(".pb-see");
    if (cited) open(cited.href, link);
  },
  { capture: true },
);

panel.querySelector(".pb-panel-close").addEventListener("click", close);
// Escape closes a modal dialog by itself, which must not leave its step in the history.
panel.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});
panel.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.matches(":modal")) close();
});

panel.addEventListener("click", (event) => {
  const button = event.target.closest(".pb-enlarge, .pb-view");
  if (!button) return;
  if (button.matches(".pb-view") && !body.querySelector(".pb-sheet")) {
    showPage(button);
    return;
  }
  [button.textContent, button.dataset.other] = [button.dataset.other, button.textContent];
  if (button.matches(".pb-enlarge")) body.querySelector(".pb-sheet").classList.toggle("pb-large");
  else body.classList.toggle("pb-as-page");
  showMark();
});

beside.addEventListener("change", () => {
  if (!panel.open) return;
  panel.close();
  if (beside.matches) panel.show();
  else panel.showModal();
});

if (history.state?.source) show(history.state.source);
