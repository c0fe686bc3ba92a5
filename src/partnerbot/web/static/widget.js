// The chat on another site's pages: a bubble, or a place inside the page. Served as /widget.js, which
// calls this function with the words of every language and the owner's colour. It loads nothing more before it is opened.
(function partnerbotWidget(words, DEFAULT_ACCENT) {
  "use strict";

  const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  if (!script || !window.customElements) return;
  // A page may load this twice, by mistake or with a second place for the chat.
  if (window.partnerbot?.place) {
    window.partnerbot.place(script);
    return;
  }

  const home = new URL(".", script.src);
  const PATIENCE_MS = 20000;
  const BLOCKED_AFTER_LOAD_MS = 4000;
  const PHONE = "(max-width: 480px), (max-height: 480px)";
  const [NEAR_BLACK, WHITE] = ["#14181d", "#ffffff"];

  const SHARED_STYLE = `
    .root { all: initial; display: block; font: 16px/1.5 var(--sans); color: var(--ink);
      --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
      --serif: "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "Noto Serif", "Noto Serif CJK JP", serif;
      --paper: #faf9f6; --card: #fff; --ink: #1c232b; --soft: #56606b; --line: #e0ddd5; --edge: #0000001f; }
    .root:lang(ja) {
      --sans: "Hiragino Sans", "Hiragino Kaku Gothic ProN", "Yu Gothic Medium", "Yu Gothic", Meiryo,
        "Noto Sans CJK JP", "Noto Sans JP", system-ui, sans-serif;
      --serif: "Hiragino Mincho ProN", "Yu Mincho", "Noto Serif CJK JP", "Noto Serif JP", serif; }
    .root.dark { --paper: #14181d; --card: #1b2127; --ink: #e7e5df; --soft: #a5adb6; --line: #313942;
      --edge: #ffffff2e; }
    .root *, .root *::before { box-sizing: border-box; }
    .root [hidden] { display: none !important; }
    button, a { font: inherit; color: inherit; cursor: pointer; -webkit-tap-highlight-color: transparent; }
    button { margin: 0; padding: 0; border: 0; background: none; text-align: start; }
    svg { display: block; flex: none; }
    h2, p { margin: 0; font: inherit; }
    iframe { display: block; width: 100%; height: 100%; border: 0; background: var(--paper); }
    iframe:not(.shown) { visibility: hidden; }
    .body { position: relative; flex: 1; min-height: 0; background: var(--paper); }
    .status { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center;
      justify-content: center; gap: 16px; padding: 24px; color: var(--soft); text-align: center; }
    .status a { padding: 8px 16px; border-radius: 6px; background: var(--accent); color: var(--on-accent);
      text-decoration: none; }
    .waiting::before { content: ""; width: 28px; height: 28px; border: 3px solid var(--line);
      border-top-color: var(--accent); border-radius: 50%; animation: turn 1s linear infinite; }
    @keyframes turn { to { transform: rotate(1turn); } }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    @media (prefers-reduced-motion: reduce) { *, *::before { animation: none !important; transition: none !important; } }
    @media print { .root { display: none !important; } }`;

  const BUBBLE_STYLE = `
    :host { all: initial !important; display: block !important; position: fixed !important; inset: auto !important;
      width: 0 !important; height: 0 !important; z-index: 2147483647 !important; }
    .launch { position: fixed; bottom: calc(20px + env(safe-area-inset-bottom, 0px)); display: flex; align-items: center;
      gap: 10px; min-height: 56px; max-width: calc(100vw - 40px); padding: 8px 22px 8px 18px; border: 1px solid var(--edge);
      border-radius: 28px; background: var(--accent); color: var(--on-accent); font-weight: 600; line-height: 1.3;
      box-shadow: 0 1px 2px #00000029, 0 6px 20px #0000002e; transition: transform .18s ease, box-shadow .18s ease; }
    .launch:hover { transform: translateY(-2px); box-shadow: 0 2px 4px #00000029, 0 10px 28px #00000038; }
    .launch:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    .right .launch, .right .panel { right: calc(20px + env(safe-area-inset-right, 0px)); }
    .left .launch, .left .panel { left: calc(20px + env(safe-area-inset-left, 0px)); }
    .panel { position: fixed; bottom: calc(20px + env(safe-area-inset-bottom, 0px)); display: flex; flex-direction: column;
      width: min(420px, calc(100vw - 40px)); height: min(700px, calc(100vh - 40px)); overflow: hidden;
      border: 1px solid var(--edge); border-radius: 14px; background: var(--card); color: var(--ink);
      box-shadow: 0 2px 6px #0000001f, 0 18px 56px #00000040; outline: none; animation: rise .2s ease-out; }
    @supports (height: 1dvh) { .panel { height: min(700px, calc(100dvh - 40px)); } }
    @keyframes rise { from { opacity: 0; transform: translateY(14px); } }
    .bar { display: flex; align-items: center; gap: 4px; min-height: 54px; padding: 5px 6px 5px 16px;
      background: var(--accent); color: var(--on-accent); }
    .bar svg { opacity: .95; }
    .title { flex: 1; min-width: 0; margin-inline: 8px 4px; overflow: hidden; font: 600 17px/1.25 var(--serif);
      display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; text-wrap: balance; overflow-wrap: anywhere; }
    .bar button, .bar a { display: grid; place-items: center; flex: none; width: 44px; height: 44px; border-radius: 8px; }
    .bar button:hover, .bar a:hover { background: color-mix(in srgb, currentColor 16%, transparent); }
    .bar :focus-visible { outline-color: currentColor; outline-offset: -4px; }
    .edge { position: absolute; width: 1px; height: 1px; outline: none; }
    @media ${PHONE} {
      .panel, .left .panel, .right .panel { inset: 0; width: auto; height: 100vh; height: 100dvh; border: 0; border-radius: 0;
        padding: 0 env(safe-area-inset-right, 0px) env(safe-area-inset-bottom, 0px) env(safe-area-inset-left, 0px);
        background: linear-gradient(to top, var(--paper) env(safe-area-inset-bottom, 0px), var(--accent) 0); }
      .bar { padding-top: calc(5px + env(safe-area-inset-top, 0px)); touch-action: none; }
    }`;

  const INLINE_STYLE = `
    :host { display: block; }
    .place { container-type: inline-size; overflow: hidden; border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
    .body { height: var(--partnerbot-height, 640px); max-height: 100vh; }
    .start { display: grid; grid-template-columns: auto 1fr; align-items: center; gap: 4px 14px; padding: 24px; }
    .start svg { color: var(--accent-ink); grid-row: span 2; }
    .title { font: 600 20px/1.35 var(--serif); color: var(--ink); text-wrap: balance; }
    .notice { color: var(--soft); font-size: 14px; }
    .ask { grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: end; gap: 4px; width: 100%; margin-top: 16px;
      padding: 4px; border: 1px solid #8b929a; border-radius: 8px; background: var(--card); cursor: text; }
    .ask:hover, .ask:focus-within { border-color: var(--accent-ink); }
    textarea { flex: 999 1 10em; min-width: 0; min-height: 42px; max-height: 9em; margin: 0; padding: 9px 12px; border: 0;
      border-radius: 6px; background: none; color: var(--ink); font: inherit; resize: none; field-sizing: content; }
    textarea::placeholder { color: var(--soft); opacity: 1; }
    .launch { flex: 1 0 auto; min-height: 42px; padding: 0 18px; border-radius: 6px;
      background: var(--accent); color: var(--on-accent); font-weight: 600; text-align: center; }
    textarea:read-only + .launch { opacity: .6; cursor: default; }
    @container (max-width: 400px) {
      .start { gap: 4px 12px; padding: 16px; }
      .start svg { align-self: start; width: 32px; height: 32px; }
      .title { font-size: 18px; }
    }`;

  const PICTURES = {
    // Corner brackets, which quote in Japanese, as in the chat's own mark.
    mark: [["path", { d: "M4 15V4h11M20 9v11H9", fill: "none", stroke: "currentColor", "stroke-width": 2.6 }],
      ["circle", { cx: 12, cy: 12, r: 2.6, fill: "currentColor" }]],
    close: [["path", { d: "M6 6l12 12M18 6L6 18", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round" }]],
    away: [["path", { d: "M10 6H6v12h12v-4M13 5h6v6M19 5l-8 8", stroke: "currentColor", "stroke-width": 2, fill: "none",
      "stroke-linecap": "round", "stroke-linejoin": "round" }]],
  };

  /** Make an element; no text is ever read as HTML. */
  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  }

  function picture(name, size) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" })) {
      svg.setAttribute(key, value);
    }
    for (const [shape, attributes] of PICTURES[name]) {
      const part = document.createElementNS("http://www.w3.org/2000/svg", shape);
      for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
      svg.append(part);
    }
    return svg;
  }

  /** Give a shadow root its styles: made by script, which a page's strict policy allows. */
  function dress(root, ...styles) {
    root.adoptedStyleSheets = styles.map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
  }

  // ---- Options -------------------------------------------------------------------------------

  /** Read the options of a script or of a <partnerbot-chat>: its data attributes. */
  function optionsOf(element) {
    const read = (name) => element.getAttribute(`data-${name}`);
    const isOn = (name) => read(name) !== null && read(name) !== "false";
    const accent = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(read("accent") ?? "") ? read("accent") : DEFAULT_ACCENT;
    const onAccent = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(read("accent-text") ?? "") ? read("accent-text") : textOn(accent);
    return {
      element,
      language: read("language"),
      position: read("position"),
      title: read("title"),
      accent,
      onAccent,
      scheme: read("scheme"),
      open: isOn("open"),
      inline: read("inline"),
    };
  }

  function channels(color) {
    const digits = color.length === 4 ? [...color.slice(1)].map((digit) => digit + digit).join("") : color.slice(1);
    return [0, 2, 4].map((start) => parseInt(digits.slice(start, start + 2), 16) / 255);
  }

  /** Luminance as WCAG 2 defines it. */
  function luminance(color) {
    const [red, green, blue] = channels(color).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  /** White or near-black, whichever has more contrast with a colour (WCAG 2): that reads better. */
  function textOn(color) {
    const [below, here, above] = [NEAR_BLACK, color, WHITE].map((each) => luminance(each) + 0.05);
    return here / below > above / here ? NEAR_BLACK : WHITE;
  }

  /** The chat's language: as stated, else the page's, else the visitor's. */
  function languageOf(options) {
    const page = options.element.closest?.("[lang]")?.lang || document.documentElement.lang;
    const wishes = [options.language === "auto" ? null : options.language, page, ...navigator.languages];
    const codes = wishes.filter(Boolean).map((wish) => wish.toLowerCase().split("-")[0]);
    return codes.find((code) => Object.hasOwn(words, code)) ?? Object.keys(words)[0];
  }

  /** Whether the chat is light, dark or as the visitor likes: as stated, else as the page declares. */
  function schemeOf(options) {
    if (["light", "dark", "auto"].includes(options.scheme)) return options.scheme;
    const declared = getComputedStyle(document.documentElement).colorScheme;
    if (!declared.includes("dark")) return "light";
    return declared.includes("light") ? "auto" : "dark";
  }

  const darkWished = matchMedia("(prefers-color-scheme: dark)");

  /** Where the site's tab keeps that its bubble, or its chat inside a page, is open, once that keeps a conversation. */
  const BUBBLE_OPEN = "partnerbot-open";
  const INLINE_OPEN = "partnerbot-open-inline";

  function wasOpen(kind) {
    try {
      return window.sessionStorage.getItem(kind) !== null;
    } catch {
      return false; // A browser may refuse a page its storage.
    }
  }

  function keepOpen(kind, open) {
    try {
      if (open) window.sessionStorage.setItem(kind, "true");
      else window.sessionStorage.removeItem(kind);
    } catch {
      // Then it is closed after a reload.
    }
  }

  // ---- The chat in its frame --------------------------------------------------------------------

  /** One chat: its frame once it is opened, and what is said to it and by it. */
  class Chat {
    constructor(host, options, compact) {
      this.host = host;
      this.options = options;
      this.compact = compact;
      this.body = make("div", { class: "body" });
      this.frame = null;
      this.greeted = false;
      this.kind = compact ? BUBBLE_OPEN : INLINE_OPEN;
      this.keeps = wasOpen(this.kind);
      this.waiting = [];
      this.onEscape = this.onKept = this.onGreeted = this.onGivenUp = () => {};
    }

    /** Hear what the frame says, until `signal` ends it. */
    listen(signal) {
      addEventListener("message", (event) => this.hear(event), { signal });
    }

    /** While the chat is open, the one it was opened in. */
    get language() {
      return this.shownLanguage ?? languageOf(this.options);
    }

    get words() {
      return words[this.language];
    }

    get title() {
      return this.options.title || this.words.title;
    }

    get address() {
      return new URL(this.language, home).href;
    }

    /** Colours and language of the elements around the frame. */
    paint(root) {
      const scheme = schemeOf(this.options);
      root.lang = this.language;
      root.dir = "ltr";
      root.classList.toggle("dark", scheme === "dark" || (scheme === "auto" && darkWished.matches));
      root.style.setProperty("--accent", this.options.accent);
      root.style.setProperty("--on-accent", this.options.onAccent);
      const mixed = root.classList.contains("dark") ? "color-mix(in srgb, var(--accent), #fff 55%)" : "var(--accent)";
      root.style.setProperty("--accent-ink", mixed);
    }

    /** Have the frame there, in the page's language of now: while the chat was closed that may have changed. */
    load() {
      const language = languageOf(this.options);
      if (this.frame?.lang !== language) this.unload();
      this.shownLanguage = language;
      if (this.frame) return;
      this.status = make("div", { class: "status waiting", role: "status" }, this.words.loading);
      this.frame = make("iframe", {
        lang: language,
        title: this.title,
        // The visitor's page is not told to the chat.
        referrerpolicy: "no-referrer",
        allow: "clipboard-write; web-share; translator",
        // Without allow-forms no form's "submit" reaches the chat's scripts; its policy lets none be sent.
        sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox",
      });
      this.late = setTimeout(() => this.giveUp(), PATIENCE_MS);
      // A frame that the browser refuses to show "loads" too, and says nothing.
      this.frame.addEventListener("load", () => {
        if (this.alive) return;
        clearTimeout(this.late);
        this.late = setTimeout(() => this.giveUp(), BLOCKED_AFTER_LOAD_MS);
      });
      this.frame.src = this.address;
      this.body.replaceChildren(this.frame, this.status);
    }

    unload() {
      clearTimeout(this.late);
      this.body.replaceChildren();
      this.frame = this.shownLanguage = null;
      this.greeted = this.alive = this.givenUp = false;
      this.waiting = [];
    }

    giveUp() {
      const alone = make("a", { href: this.address, target: "_blank", rel: "noopener" }, this.words.open_alone);
      this.status.className = "status";
      this.status.replaceChildren(make("p", {}, this.words.blocked), alone);
      this.givenUp = true;
      this.onGivenUp();
    }

    /** Show the frame, which may have no more than its box for a first question yet. */
    show() {
      this.status.remove();
      this.frame.classList.add("shown");
    }

    /** Say something to the chat once it can listen. */
    say(type, content = {}) {
      if (!this.greeted) this.waiting.push([type, content]);
      else this.frame.contentWindow.postMessage({ partnerbot: type, ...content }, home.origin);
    }

    hear(event) {
      if (!this.frame || event.source !== this.frame.contentWindow || event.origin !== home.origin) return;
      const said = event.data?.partnerbot;
      if (said === "alive") {
        // It came; if the rest of it doesn't, it says so itself.
        clearTimeout(this.late);
        this.alive = true;
        this.greeted = false;
        const { accent } = this.options;
        const look = { accent: accent === DEFAULT_ACCENT ? null : accent, scheme: schemeOf(this.options), compact: this.compact };
        this.frame.contentWindow.postMessage({ partnerbot: "hello", ...look }, home.origin);
      } else if (said === "greeted") {
        this.greeted = true;
        this.show();
        this.onGreeted();
        for (const [type, content] of this.waiting.splice(0)) this.say(type, content);
      } else if (said === "ready") {
        this.keeps = event.data.keeps === true;
        this.onKept();
        this.tell("ready");
      } else if (said === "escape") {
        this.onEscape();
      } else if (said === "answer") {
        this.keeps = event.data.keeps === true;
        this.onKept();
        this.tell("answer", { status: String(event.data.status) });
      }
    }

    /** Tell the page by an event; never what was asked or answered. */
    tell(name, detail = {}) {
      this.host.dispatchEvent(new CustomEvent(`partnerbot:${name}`, { detail, bubbles: true, composed: true }));
    }

    /** Be open again after a reload, and on the site's next page, if the chat has kept a conversation then. */
    remember(open) {
      keepOpen(this.kind, open && this.keeps);
    }

    /** Put the cursor into the question. */
    enter() {
      this.frame.focus({ preventScroll: true });
      this.say("focus");
    }
  }

  // ---- The bubble -------------------------------------------------------------------------------

  class Bubble {
    constructor(options) {
      this.host = make("partnerbot-bubble", { popover: "manual" });
      this.chat = new Chat(this.host, options, true);
      this.chat.onEscape = () => this.close();
      this.chat.onGreeted = () => this.host.shadowRoot.activeElement === this.panel && this.chat.enter();
      this.chat.onKept = () => this.chat.remember(this.isOpen);
      this.chat.listen();
      this.root = make("div", { class: "root" });
      const shadow = this.host.attachShadow({ mode: "open" });
      dress(shadow, SHARED_STYLE, BUBBLE_STYLE);
      shadow.append(this.root);
      this.launch = make("button", { class: "launch", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" },
        picture("mark", 26), make("span"));
      this.launch.addEventListener("click", () => this.open());
      this.panel = this.makePanel();
      this.root.append(this.launch, this.panel);
      this.panel.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !event.isComposing) this.close();
      });
      this.attach();
      this.name();
      // A single-page application may replace the document's content, and its language.
      new MutationObserver(() => (this.attach(), this.name())).observe(document.documentElement, {
        childList: true,
        attributes: true,
        attributeFilter: ["lang", "dir", "class", "style", "data-theme"],
      });
      darkWished.addEventListener("change", () => this.name());
      window.visualViewport?.addEventListener("resize", () => this.fit());
      window.visualViewport?.addEventListener("scroll", () => this.fit());
      if (options.open || this.chat.keeps) this.open({ takeFocus: false });
    }

    makePanel() {
      const edge = (reached) => {
        const mark = make("div", { class: "edge", tabindex: "0" });
        mark.addEventListener("focus", reached);
        return mark;
      };
      this.heading = make("h2", { class: "title", id: "title" });
      this.away = make("a", { target: "_blank", rel: "noopener" }, picture("away", 22));
      this.shut = make("button", { type: "button" }, picture("close", 24));
      this.shut.addEventListener("click", () => this.close());
      // Tab goes round inside the panel: from its last control to its first, and back.
      return make("div", { class: "panel", role: "dialog", tabindex: "-1", "aria-labelledby": "title", hidden: "" },
        edge(() => (this.chat.frame.focus(), this.chat.say("focus-last"))),
        make("div", { class: "bar" }, picture("mark", 24), this.heading, this.away, this.shut),
        this.chat.body,
        edge(() => this.away.focus()));
    }

    attach() {
      // Beside the body: what a page does with its body doesn't reload the conversation.
      if (!this.host.isConnected) {
        this.chat.unload();
        this.panel.hidden = true;
        this.launch.hidden = false;
        document.documentElement.append(this.host);
        // Above all, and free of what the page does with its root, where browsers have such a layer.
        this.host.showPopover?.();
      }
    }

    /** Write names, colours and side anew: they follow the page. */
    name() {
      const { chat } = this;
      chat.paint(this.root);
      const mirrored = getComputedStyle(document.documentElement).direction === "rtl";
      const side = ["left", "right"].includes(chat.options.position) ? chat.options.position : mirrored ? "left" : "right";
      this.root.classList.toggle("left", side === "left");
      this.root.classList.toggle("right", side === "right");
      this.launch.lastChild.textContent = chat.words.ask;
      this.heading.textContent = chat.title;
      this.shut.setAttribute("aria-label", chat.words.close);
      this.shut.title = chat.words.close;
      this.away.setAttribute("aria-label", chat.words.new_tab);
      this.away.title = chat.words.new_tab;
      this.away.href = chat.address;
    }

    get isOpen() {
      return !this.panel.hidden;
    }

    open({ takeFocus = true } = {}) {
      if (this.isOpen) return;
      this.before = document.activeElement;
      this.chat.load();
      this.name();
      this.panel.hidden = false;
      this.launch.hidden = true;
      this.launch.setAttribute("aria-expanded", "true");
      this.panel.setAttribute("aria-modal", String(matchMedia(PHONE).matches));
      this.fit();
      if (takeFocus) {
        if (this.chat.greeted) this.chat.enter();
        else this.panel.focus({ preventScroll: true });
      }
      this.chat.remember(true);
      this.chat.tell("open");
    }

    close() {
      if (!this.isOpen) return;
      const hadFocus = document.activeElement === this.host;
      this.panel.hidden = true;
      this.launch.hidden = false;
      this.launch.setAttribute("aria-expanded", "false");
      this.chat.shownLanguage = null;
      this.name();
      this.chat.remember(false);
      const { before } = this;
      const returns = before?.isConnected && before !== document.body && before !== this.host;
      if (hadFocus) (returns ? before : this.launch).focus({ preventScroll: true });
      this.chat.tell("close");
    }

    ask(question) {
      this.open();
      this.chat.say("ask", { text: String(question) });
    }

    /** On a phone, keep the whole panel above the keyboard. */
    fit() {
      const view = window.visualViewport;
      const covered = this.isOpen && view && matchMedia(PHONE).matches && view.height < innerHeight - 60;
      this.panel.style.paddingBottom = covered ? "0" : "";
      this.panel.style.height = covered ? `${view.height}px` : "";
      this.panel.style.transform = covered ? `translateY(${view.offsetTop}px)` : "";
    }
  }

  // ---- Inside the page ----------------------------------------------------------------------------

  class InlineChat extends HTMLElement {
    connectedCallback() {
      const isNew = !this.shadowRoot;
      if (isNew) {
        this.chat = new Chat(this, optionsOf(this), false);
        this.chat.onGreeted = () => this.enter();
        this.chat.onKept = () => this.chat.remember(true);
        this.chat.onGivenUp = () => (this.field.readOnly = false);
        this.root = make("div", { class: "root" }, make("div", { class: "place" }, this.makeForm(), this.chat.body));
        const shadow = this.attachShadow({ mode: "open" });
        dress(shadow, SHARED_STYLE, INLINE_STYLE);
        shadow.append(this.root);
      }
      this.listen();
      // A page that moved the element has reloaded its frame.
      if (this.chat.frame || (isNew && (this.chat.options.open || this.chat.keeps))) this.start();
      else this.rest();
    }

    /** What a page has taken out, and doesn't keep, leaves nothing behind. */
    disconnectedCallback() {
      this.listening.abort();
      clearTimeout(this.chat.late);
    }

    /** Follow the frame, the visitor's colours and the page's language, for as long as it is in the page. */
    listen() {
      this.listening = new AbortController();
      const { signal } = this.listening;
      this.chat.listen(signal);
      darkWished.addEventListener("change", () => this.chat.paint(this.root), { signal });
      const page = new MutationObserver(() => {
        if (!this.chat.frame && this.chat.language !== this.root.lang) this.rest();
        else this.chat.paint(this.root);
      });
      page.observe(document.documentElement, { attributes: true, attributeFilter: ["lang", "class", "style", "data-theme"] });
      signal.addEventListener("abort", () => page.disconnect());
    }

    /** The box that is there before a visitor begins. It stays until what is written in it has been sent. */
    makeForm() {
      this.heading = make("p", { class: "title" });
      this.notice = make("p", { class: "notice" });
      this.field = make("textarea", { rows: 1 });
      this.launch = make("button", { class: "launch", type: "button" });
      this.launch.addEventListener("click", () => this.send());
      this.field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        this.send();
      });
      // The page's own shortcuts take it for no field.
      for (const type of ["keydown", "keypress", "keyup"]) this.field.addEventListener(type, (event) => event.stopPropagation());
      const ask = make("div", { class: "ask" }, this.field, this.launch);
      this.form = make("div", { class: "start", role: "group" }, picture("mark", 44), this.heading, this.notice, ask);
      return this.form;
    }

    /** What is there before a visitor begins: no frame, no request. */
    rest() {
      const { words, title } = this.chat;
      this.chat.paint(this.root);
      this.form.setAttribute("aria-label", title);
      this.heading.textContent = title;
      this.notice.textContent = words.notice;
      this.field.setAttribute("aria-label", words.question);
      this.field.placeholder = words.placeholder;
      this.launch.textContent = words.begin;
      this.field.readOnly = false;
      this.form.hidden = false;
      this.chat.body.hidden = true;
    }

    start() {
      this.chat.unload();
      this.chat.load();
      this.chat.paint(this.root);
      this.chat.body.hidden = false;
      this.before = null;
      this.fold();
    }

    /** Take the form away, unless something is written in it, or is about to be while the chat comes. */
    fold() {
      const { field } = this;
      if (field.value || (!this.chat.greeted && this.shadowRoot.activeElement === field)) return;
      if (this.form.contains(this.shadowRoot.activeElement)) this.shadowRoot.activeElement.blur();
      this.form.hidden = true;
    }

    /** Send what is in the form, which waits there until the chat hears; if nothing is, begin without a question. */
    send() {
      if (this.field.readOnly) return;
      if (this.field.value.trim()) this.field.readOnly = true;
      else {
        this.field.value = "";
        // Keys may come before the chat does. On a phone that would open the keyboard.
        if (matchMedia("(hover: hover)").matches) this.field.focus();
      }
      if (!this.chat.frame || this.chat.givenUp) this.begin();
      this.before = document.activeElement;
      if (this.chat.greeted) this.enter();
    }

    /** Once the chat hears: hand over what was sent, and the cursor. */
    enter() {
      const { before, field } = this;
      const sent = field.readOnly;
      // Unless the visitor has gone elsewhere meanwhile, or into the chat already.
      const follows = document.activeElement === before;
      this.before = null;
      if (sent) {
        this.chat.say("ask", { text: field.value });
        field.value = "";
        field.readOnly = false;
      }
      this.fold();
      if (!follows || !this.form.hidden) return;
      if (sent) this.scrollIntoView({ block: "nearest" });
      this.chat.enter();
    }

    begin() {
      this.start();
      this.before = document.activeElement;
      this.chat.tell("open");
    }

    open() {
      if (!this.chat.frame) this.begin();
    }

    close() {
      if (!this.chat.frame) return;
      this.chat.unload();
      this.chat.remember(false);
      this.rest();
      this.chat.tell("close");
    }

    ask(question) {
      this.open();
      this.chat.say("ask", { text: String(question) });
    }
  }

  // ---- On the page ----------------------------------------------------------------------------------

  let bubble = null;
  /** The chats that scripts put inside the page, by the selectors of their places. */
  const placed = new Map();

  /** Put the chat where a script tag says: into the element it names, or into the corner. */
  function place(tag) {
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", () => place(tag), { once: true });
      return;
    }
    const options = optionsOf(tag);
    if (options.inline === null) {
      // Beside a <partnerbot-chat> of the page's own, the script alone makes no bubble.
      const own = [...document.querySelectorAll("partnerbot-chat")].some((chat) => ![...placed.values()].includes(chat));
      if (!own) bubble ??= new Bubble(options);
      return;
    }
    if (!document.querySelector(options.inline)) {
      console.warn(`partnerbot: data-inline="${options.inline}" is not on this page yet.`);
    }
    if (!placed.has(options.inline)) {
      const chat = document.createElement("partnerbot-chat");
      for (const { name, value } of tag.attributes) {
        if (name.startsWith("data-") && name !== "data-inline") chat.setAttribute(name, value);
      }
      placed.set(options.inline, chat);
      // A single-page application makes the place later, and anew.
      if (placed.size === 1) new MutationObserver(settle).observe(document, { childList: true, subtree: true });
      settle();
    }
  }

  /** Put each chat that is nowhere into its place, if the page has that. */
  function settle() {
    for (const [selector, chat] of placed) {
      const target = chat.isConnected ? null : document.querySelector(selector);
      if (target && !target.querySelector("partnerbot-chat")) target.append(chat);
    }
  }

  const only = () => bubble ?? document.querySelector("partnerbot-chat");

  window.partnerbot = Object.freeze({
    open: () => only()?.open(),
    close: () => only()?.close(),
    ask: (question) => only()?.ask(question),
    place,
  });

  if (!customElements.get("partnerbot-chat")) customElements.define("partnerbot-chat", InlineChat);
  place(script);
})
