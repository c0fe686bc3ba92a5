// The page where staff make the line for their site: options in, preview and line out.
"use strict";

const page = document.body.dataset;
const form = document.getElementById("options");
const DEFAULT_ACCENT = form.elements.accent.defaultValue;

/** The options that differ from what the script does by itself. */
function chosen() {
  const options = {};
  for (const field of form.elements) {
    const offered = field.closest("[data-kinds]")?.hidden !== true;
    if (!field.name || field.name === "kind" || !offered) continue;
    if (field.type === "checkbox") {
      if (field.checked) options[field.name] = "";
    } else if (field.value.trim() && !(field.name === "accent" && field.value === DEFAULT_ACCENT)) {
      options[field.name] = field.value.trim();
    }
  }
  return options;
}

/** Write an attribute as HTML. */
function attribute([name, value]) {
  const safe = value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return value === "" ? ` ${name}` : ` ${name}="${safe}"`;
}

function line(kind, options) {
  const attributes = Object.entries(options).map(([name, value]) => attribute([`data-${name}`, value])).join("");
  const source = attribute(["src", `${page.home}/widget.js`]);
  if (kind === "frame") {
    const address = `${page.home}/${options.language ?? page.pageLanguage}`;
    const frame = [["src", address], ["title", page.frameTitle], ["allow", "clipboard-write; web-share; translator"],
      ["referrerpolicy", "no-referrer"], ["width", "100%"], ["height", "640"], ["style", "border: 0"]];
    return `<iframe${frame.map(attribute).join("")}></iframe>`;
  }
  if (kind === "element") return `<script${source} defer></script>\n<partnerbot-chat${attributes}></partnerbot-chat>`;
  if (kind === "inline") return `<div id="chat"></div>\n<script${source} defer data-inline="#chat"${attributes}></script>`;
  return `<script${source} defer${attributes}></script>`;
}

let previewed = "";

function show() {
  const kind = form.elements.kind.value;
  for (const part of document.querySelectorAll("[data-kinds]")) part.hidden = !part.dataset.kinds.split(" ").includes(kind);
  form.querySelector("output").textContent = form.elements.accent.value;
  const options = chosen();
  document.getElementById("line").textContent = line(kind, options);
  const address = `${page.home}/embed/preview?${new URLSearchParams({ kind, page: page.pageLanguage, ...options })}`;
  if (address !== previewed) {
    // Replaced, so that Back leaves this page and not the last preview.
    document.getElementById("preview").contentWindow.location.replace(address);
    previewed = address;
  }
  const origin = new URL(page.home).origin;
  document.getElementById("policy").textContent = kind === "frame" ? `frame-src ${origin}` : `script-src ${origin}; frame-src ${origin}`;
}

let typing;
form.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(show, 300);
});
form.addEventListener("submit", (event) => event.preventDefault());

document.getElementById("copy").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  const label = button.textContent;
  const line = document.getElementById("line");
  try {
    await navigator.clipboard.writeText(line.textContent);
  } catch {
    // Without https there is no clipboard for pages: the line is marked, for the keyboard to copy.
    getSelection().selectAllChildren(line);
    return;
  }
  button.textContent = button.dataset.copied;
  document.getElementById("copied").textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = label), 2000);
});

document.getElementById("site").addEventListener("input", (event) => {
  const verdict = document.getElementById("verdict");
  const setting = document.getElementById("setting");
  const allowed = page.allowed.split(" ").filter(Boolean);
  const typed = event.target.value.trim();
  verdict.className = verdict.textContent = "";
  setting.hidden = true;
  if (!typed) return;
  let origin = null;
  try {
    const address = new URL(typed);
    origin = ["http:", "https:"].includes(address.protocol) ? address.origin : null;
  } catch {
    // Not an address yet.
  }
  const may = origin !== null && (allowed.includes(origin) || origin === new URL(page.home).origin);
  verdict.className = may ? "yes" : "no";
  verdict.textContent = origin === null ? verdict.dataset.wrong : may ? verdict.dataset.yes : verdict.dataset.no;
  if (origin !== null && !may) {
    setting.hidden = false;
    setting.textContent = `PARTNERBOT_ALLOWED_ORIGINS="${[...allowed, origin].join(", ")}"`;
  }
});

show();
