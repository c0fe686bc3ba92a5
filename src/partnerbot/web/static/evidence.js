// The source of a citation, opened beside the chat or, on a phone, over it. The browser's back button
// closes it, and it is there again after the page was reloaded.

import { announce, PATIENCE_MILLISECONDS, words } from "./page.js";

const panel = document.getElementById("evidence");
const body = panel.querySelector(".pb-panel-body");
const beside = matchMedia("(min-width: 64rem)");

/** What had the focus before the panel opened. */
let opener = null;
/** The address that is shown, or null. */
let shown = null;

/** Bring the marked words into the middle of what scrolls around them. */
function showMark() {
  const mark = body.querySelector(".pb-box-answer, .pb-answering") ?? body.querySelector(".pb-box, mark");
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
  body.scrollTop = 0;
  let html = null;
  try {
    const url = new URL(address, location.href);
    url.searchParams.set("view", "panel");
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
    // 404 and 503 come with words of their own.
    if (response.headers.get("Content-Type")?.startsWith("text/html")) html = await response.text();
  } catch {
    // Told below.
  }
  if (shown !== address) return;
  if (html === null) {
    fail(address);
    return;
  }
  body.innerHTML = html;
  showMark();
  body.querySelector(".pb-panel-title")?.focus({ preventScroll: true });
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
  const enlarge = event.target.closest(".pb-enlarge");
  if (enlarge) {
    const large = enlarge.getAttribute("aria-pressed") !== "true";
    enlarge.setAttribute("aria-pressed", large);
    body.querySelector(".pb-sheet").classList.toggle("pb-large", large);
    showMark();
  }
});

beside.addEventListener("change", () => {
  if (!panel.open) return;
  panel.close();
  if (beside.matches) panel.show();
  else panel.showModal();
});

if (history.state?.source) show(history.state.source);
