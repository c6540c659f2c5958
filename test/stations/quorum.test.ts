import assert from "node:assert/strict";
import { test } from "node:test";
import { Wallet } from "ethers";
import fc from "fast-check";
import { Refused, UnknownOutcome } from "../../src/errors/errors.ts";
import type { AttesterPort, SignedStatement } from "../../src/ports/attester.ts";
import { askQuorum } from "../../src/stations/quorum.ts";
import { word } from "../domain/samples.ts";

const SIGNERS = Array.from({ length: 5 }, (_, at) => new Wallet(word(`0${at + 1}`)).address);

/** What each attester says: a letter is a payload, "-" is no answer. */
function panel(said: string, signers: readonly string[] = SIGNERS) {
  const attesters = [...said].map((_, at) => ({ name: `attester${at + 1}` })) as unknown as AttesterPort[];
  const ask = async (attester: AttesterPort): Promise<SignedStatement> => {
    const at = attesters.indexOf(attester);
    const letter = said[at] as string;
    if (letter === "-") throw new UnknownOutcome("http.noAnswer", "no answer");
    return {
      signer: signers[at] as string,
      payload: `0x${letter}`,
      signature: `sig-${at + 1}`,
      note: `says ${letter}`,
    };
  };
  return { attesters, ask };
}
const asked = (said: string, quorum = 3, signers = SIGNERS) => {
  const { attesters, ask } = panel(said, signers);
  return askQuorum(attesters, quorum, ask);
};

test("exactly k signatures over the same bytes come back, in ascending order of their signers", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("a", "b", "-"), { minLength: 5, maxLength: 5 }),
      fc.integer({ min: 1, max: 5 }),
      async (letters, quorum) => {
        const said = letters.join("");
        const most = Math.max(...["a", "b"].map((letter) => letters.filter((one) => one === letter).length));
        const answer = await asked(said, quorum).catch((error: unknown) => error);
        if (most < quorum) return void assert.ok(answer instanceof Refused, `${said} has no ${quorum} alike`);
        const { payload, signatures, signers } = answer as Awaited<ReturnType<typeof asked>>;
        assert.equal(signatures.length, quorum);
        assert.deepEqual(
          signers,
          [...signers].sort((x, y) => (BigInt(x) < BigInt(y) ? -1 : 1)),
        );
        assert.equal(new Set(signers).size, quorum);
        for (const [at, signer] of signers.entries()) {
          const who = SIGNERS.indexOf(signer);
          assert.equal(`0x${letters[who]}`, payload, "only those who said it sign it");
          assert.equal(signatures[at], `sig-${who + 1}`, "each signature stays with its signer");
        }
      },
    ),
  );
});

test("no quorum says who disagreed, who was silent, and how many were needed", async () => {
  await assert.rejects(asked("aab--"), (error: unknown) => {
    assert.ok(error instanceof Refused && error.code === "quorum.none");
    assert.match(
      error.message,
      /2 of 5 agree, 3 needed: 2× says a; 1× says b; silent: attester4: no answer; attester5: no answer/,
    );
    return true;
  });
});

test("silence of all is a refusal, not a crash", async () => {
  await assert.rejects(asked("-----"), /0 of 5 agree, 3 needed; silent/);
});

test("a quorum tells who thought otherwise", async () => {
  const answer = await asked("aaab-");
  assert.deepEqual(answer.disagreeing, ["says b", "attester5: no answer"]);
  assert.equal(answer.note, "says a");
});

test("one key answering through three attesters is one voice", async () => {
  const [first, second] = SIGNERS as [string, string];
  const twins = [first, first.toLowerCase(), first, second, second];
  await assert.rejects(asked("aaaaa", 3, twins), /2 of 5 agree, 3 needed/);
  assert.equal((await asked("aaaaa", 2, twins)).signers.length, 2);
});
