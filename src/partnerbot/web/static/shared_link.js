// The link that brings a question to this page, and what was asked before it where that is needed to
// understand it. All of it stands behind the "#", which no server and no log is told.

/** How many earlier questions a link carries, as many as an answer looks at, and how long each may be. */
const MOST_BEFORE = 3;
const LONGEST = 1000;

const behindHash = () => new URLSearchParams(location.hash.slice(1));

/** What a follow-up may point back to: the questions before it, without small talk. */
function before(exchanges, number) {
  const asked = exchanges.slice(0, number).filter(({ question, answer }) => question && answer?.kind !== "conversation");
  return asked.slice(-MOST_BEFORE).map(({ question }) => ["before", question.slice(0, LONGEST)]);
}

/** The link to a question of the conversation, and whether it carries earlier ones. */
export function linkTo(exchanges, number) {
  const carried = before(exchanges, number);
  const link = new URL(location.pathname, location.href);
  link.hash = new URLSearchParams([["q", exchanges[number].question], ...carried]);
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
