// The link that brings a question to this page, and what was asked before it where that is needed to
// understand it. All of it stands behind the "#", which no server and no log is told.

/** How many earlier questions a link may bring, as many as an answer looks at, and how long each may be. */
const MOST_BEFORE = 3;
const LONGEST = 1000;

const behindHash = () => new URLSearchParams(location.hash.slice(1));

/** The link to an answered question, and whether it carries earlier ones: those that it was understood after. */
export function linkTo({ question, answer }) {
  const carried = (answer?.follows ?? []).map((earlier) => ["before", earlier]);
  const link = new URL(location.pathname, location.href);
  link.hash = new URLSearchParams([["q", question], ...carried]);
  return { link: link.href, carries: carried.length > 0 };
}

/** The question that a link brings, taken out of the address: a reload must not bring it again. */
export function takeShared() {
  const [hash, address] = [behindHash(), new URL(location.href)];
  const question = (hash.get("q") ?? address.searchParams.get("q"))?.trim();
  if (!question) return null;
  address.searchParams.delete("q");
  if (hash.has("q")) address.hash = "";
  history.replaceState(history.state, "", address);
  const asked = hash.getAll("before").map((earlier) => earlier.trim().slice(0, LONGEST));
  return { question, before: asked.filter(Boolean).slice(-MOST_BEFORE) };
}
