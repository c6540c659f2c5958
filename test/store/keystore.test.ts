import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openKey, storeKey } from "../../src/adapters/local/keystore.ts";
import { messageOf, SaksiError, UsageError } from "../../src/errors/errors.ts";

const root = mkdtempSync(join(tmpdir(), "saksi-keys-"));
after(() => rmSync(root, { recursive: true }));
const PRIVATE_KEY = `0x${"c0ffee".repeat(10)}abcd`;
let dirs = 0;
const freshDir = (): string => join(root, String(++dirs));

/** The error, all its causes included, as anyone could print it. */
async function failure(run: Promise<unknown>): Promise<{ error: unknown; printed: string }> {
  const error = await run.then(
    () => assert.fail("it did not fail"),
    (thrown: unknown) => thrown,
  );
  let printed = messageOf(error);
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    printed += `\n${at.stack}\n${JSON.stringify(at)}`;
  return { error, printed };
}

test("a stored key opens again, and both files are for our eyes only", async () => {
  const dir = freshDir();
  const { address } = await storeKey(dir, "publisher", PRIVATE_KEY);
  assert.equal((await openKey(dir, "publisher")).privateKey, PRIVATE_KEY);
  assert.equal((await openKey(dir, "publisher")).address, address);
  for (const file of ["password", "publisher.json"])
    assert.equal(statSync(join(dir, file)).mode & 0o777, 0o600, file);
  assert.ok(
    !readFileSync(join(dir, "publisher.json"), "utf8").includes(PRIVATE_KEY.slice(2)),
    "the key lies encrypted",
  );
});

test("storing the same key again keeps it, another key under its name is refused", async () => {
  const dir = freshDir();
  await storeKey(dir, "relayer", PRIVATE_KEY);
  const bytes = readFileSync(join(dir, "relayer.json"), "utf8");
  await storeKey(dir, "relayer", PRIVATE_KEY);
  assert.equal(readFileSync(join(dir, "relayer.json"), "utf8"), bytes);
  const { error } = await failure(storeKey(dir, "relayer", `0x${"11".repeat(32)}`));
  assert.ok(error instanceof SaksiError && error.code === "keystore.other");
});

test("a wrong password does not open a key, and neither password nor key is in what is said", async () => {
  const dir = freshDir();
  await storeKey(dir, "publisher", PRIVATE_KEY);
  const right = readFileSync(join(dir, "password"), "utf8");
  writeFileSync(join(dir, "password"), "wrong-password-of-mine");
  const { error, printed } = await failure(openKey(dir, "publisher"));
  assert.ok(error instanceof SaksiError && error.code === "keystore.locked");
  assert.match(messageOf(error), /key "publisher" does not open/);
  for (const secret of [right, "wrong-password-of-mine", PRIVATE_KEY.slice(2)])
    assert.ok(!printed.includes(secret));
});

test("a password that others can read is refused, and that is what is said", async () => {
  const dir = freshDir();
  await storeKey(dir, "publisher", PRIVATE_KEY);
  for (const mode of [0o640, 0o604]) {
    chmodSync(join(dir, "password"), mode);
    const { error } = await failure(openKey(dir, "publisher"));
    assert.ok(error instanceof UsageError, String(error));
    assert.match(messageOf(error), /password can be read by others; chmod 600 it/);
  }
});

test("opening a key never makes up a password for it", async () => {
  const dir = freshDir();
  await storeKey(dir, "publisher", PRIVATE_KEY);
  rmSync(join(dir, "password"));
  const { error } = await failure(openKey(dir, "publisher"));
  assert.match(messageOf(error), /password/);
  assert.ok(!existsSync(join(dir, "password")));
});

test("a key that does not exist is named", async () => {
  const { error } = await failure(openKey(freshDir(), "nobody"));
  assert.ok(error instanceof UsageError && /no key "nobody"/.test(error.message));
});

test("a mistyped private key is refused without being repeated", async () => {
  for (const typo of [`${PRIVATE_KEY.slice(0, -1)}g`, PRIVATE_KEY.slice(0, -2), `${PRIVATE_KEY}00`]) {
    const { printed } = await failure(storeKey(freshDir(), "publisher", typo));
    assert.ok(!printed.includes(typo.slice(2, 20)), printed);
  }
});
