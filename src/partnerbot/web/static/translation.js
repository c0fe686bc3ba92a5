// Quotes in another language than the answer's: where the browser has a translator of its own, which works on
// the visitor's device, a button under each puts its translation beneath. Without one there is no button.
// https://developer.mozilla.org/docs/Web/API/Translator_and_Language_Detector_APIs

import { announce, words } from "./page.js";

const page = document.documentElement.lang;

/** Whether the browser can translate from a language to another, by pair; asked once. */
const possible = new Map();

function canTranslate(languages) {
  const pair = JSON.stringify(languages);
  if (!possible.has(pair)) {
    // A frame that may not translate is refused; that is a no.
    const asked = Translator.availability(languages).then((found) => found !== "unavailable", () => false);
    possible.set(pair, asked);
  }
  return possible.get(pair);
}

async function offer(quote) {
  const languages = {
    sourceLanguage: quote.lang,
    targetLanguage: quote.closest(".pb-answer").querySelector(".pb-said").lang,
  };
  if (!(await canTranslate(languages)) || !quote.isConnected) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "pb-translate";
  button.lang = page;
  button.textContent = words.translate;
  button.addEventListener("click", () => translate(quote, button, languages));
  quote.after(button);
}

async function translate(quote, button, languages) {
  button.disabled = true;
  button.textContent = words.translating;
  announce(words.translating);
  let translated;
  try {
    const translator = await Translator.create(languages);
    translated = await translator.translate(quote.textContent);
    translator.destroy();
  } catch {
    button.disabled = false;
    button.textContent = words.translationFailed;
    announce(words.translationFailed);
    return;
  }
  const [paragraph, label] = [document.createElement("p"), document.createElement("span")];
  paragraph.className = "pb-translation";
  paragraph.lang = languages.targetLanguage;
  label.className = "pb-translation-label";
  label.lang = page;
  label.textContent = words.browserTranslation;
  paragraph.append(label, ` ${translated}`);
  button.replaceWith(paragraph);
  announce(translated);
}

if ("Translator" in self) {
  const offered = new WeakSet();
  new MutationObserver(() => {
    for (const quote of document.querySelectorAll("#conversation .pb-foreign")) {
      if (offered.has(quote)) continue;
      offered.add(quote);
      offer(quote);
    }
  }).observe(document.body, { childList: true, subtree: true });
}
