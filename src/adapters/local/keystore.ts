/** Keys at rest: one encrypted file (Web3 Secret Storage) for each key, opened with a password from a file only we can read. */
import { randomBytes, scryptSync } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decryptKeystoreJson, encryptKeystoreJson, getBytes, hexlify, scrypt, Wallet } from "ethers";
import { SaksiError, UsageError } from "../../errors/errors.ts";

/** Native scrypt; the library's own takes seconds. */
scrypt.register(async (password, salt, N, r, p, length) =>
  hexlify(scryptSync(getBytes(password), getBytes(salt), length, { N, r, p, maxmem: 256 * N * r })),
);

/** 2^15: about 80 ms, the usual interactive cost. */
const SCRYPT_N = 32_768;
const PRIVATE_MODE = 0o600;

function createPassword(dir: string): void {
  const file = join(dir, "password");
  if (existsSync(file)) return;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(file, randomBytes(24).toString("base64url"), { mode: PRIVATE_MODE });
}

function passwordOf(dir: string): string {
  const file = join(dir, "password");
  if (!existsSync(file))
    throw new UsageError(
      "keystore.noPassword",
      `${file} is missing; without it no key of this keystore opens`,
    );
  if ((statSync(file).mode & 0o077) !== 0)
    throw new UsageError("keystore.mode", `${file} can be read by others; chmod 600 it`);
  return readFileSync(file, "utf8").trim();
}

/** @throws UsageError when there is no such key. */
export async function openKey(dir: string, name: string): Promise<Wallet> {
  const file = join(dir, `${name}.json`);
  if (!existsSync(file))
    throw new UsageError("keystore.missing", `there is no key "${name}" in the keystore; create it first`);
  const password = passwordOf(dir);
  try {
    const account = await decryptKeystoreJson(readFileSync(file, "utf8"), password);
    return new Wallet(account.privateKey);
  } catch (error) {
    throw new SaksiError("keystore.locked", `key "${name}" does not open with the keystore's password`, {
      cause: error,
    });
  }
}

/** Stores a key under a name; an existing key is kept and must be the same. */
export async function storeKey(
  dir: string,
  name: string,
  privateKey: string,
  scryptN: number = SCRYPT_N,
): Promise<Wallet> {
  const file = join(dir, `${name}.json`);
  // The library repeats a mistyped key in its error.
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(privateKey))
    throw new UsageError("keystore.badKey", `key "${name}" is not 64 hexadecimal digits`);
  const wallet = new Wallet(privateKey);
  if (existsSync(file)) {
    const { address } = JSON.parse(readFileSync(file, "utf8")) as { address: string };
    if (`0x${address.replace(/^0x/, "")}`.toLowerCase() !== wallet.address.toLowerCase())
      throw new SaksiError("keystore.other", `key "${name}" exists and is another one`);
    return wallet;
  }
  createPassword(dir);
  const json = await encryptKeystoreJson({ address: wallet.address, privateKey }, passwordOf(dir), {
    scrypt: { N: scryptN, r: 8, p: 1 },
  });
  writeFileSync(file, json, { mode: PRIVATE_MODE });
  chmodSync(file, PRIVATE_MODE);
  return wallet;
}
