// Some work that the service wants before a first question, if it does. Nothing is kept in the browser.

/** The key that the server looks for, by PBKDF2 as ALTCHA's libraries derive it. */
async function derive({ nonce, salt, cost, keyLength }, counter) {
  const password = new Uint8Array([...bytes(nonce), 0, 0, 0, 0]);
  new DataView(password.buffer).setUint32(password.length - 4, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  return hex(new Uint8Array(await crypto.subtle.deriveBits(how, key, keyLength * 8)));
}

function bytes(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function hex(content) {
  return [...content].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function solution(parameters) {
  for (let counter = 0; ; counter += 1) {
    const derivedKey = await derive(parameters, counter);
    if (derivedKey.startsWith(parameters.keyPrefix)) return { counter, derivedKey };
  }
}

/** Do what is asked at an address, if anything is. Where it can't be done, the question will be refused, and say so.
    Rejects if the network fails. */
export async function work(address, fetch) {
  const response = await fetch(address);
  if (response.status !== 200) return;
  const challenge = await response.json();
  const solved = { challenge, solution: await solution(challenge.parameters).catch(() => null) };
  if (solved.solution === null) return;
  const headers = { "Content-Type": "application/json" };
  await fetch(address, { method: "POST", headers, body: JSON.stringify({ payload: btoa(JSON.stringify(solved)) }) });
}
