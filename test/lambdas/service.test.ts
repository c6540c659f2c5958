import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { z } from "zod";
import { EXAMPLE_SLOTS } from "../../src/adapters/lambda/example.ts";
import { decodeJson } from "../../src/domain/json.ts";
import { UsageError } from "../../src/errors/errors.ts";
import { STATIONS, type StationName } from "../../src/stations/station.ts";

const ROOT = join(import.meta.dirname, "../..");
const eventOf = (station: StationName): Record<string, unknown> =>
  decodeJson(readFileSync(join(ROOT, "events", `${station}.json`), "utf8"));
const lambdaOf = (station: StationName) =>
  import(`../../lambdas/${station}.ts`) as Promise<{
    handler: (event: unknown) => Promise<unknown>;
    eventSchema: z.ZodType;
  }>;
const names = (folder: string, ending: string): string[] =>
  readdirSync(join(ROOT, folder))
    .map((file) => file.replace(ending, ""))
    .sort();

describe("the stations and their Lambdas", () => {
  it("are the same ten", () => assert.deepEqual(names("lambdas", ".ts"), [...STATIONS].sort()));
  it("each have an example event", () => assert.deepEqual(names("events", ".json"), [...STATIONS].sort()));

  it("stand in serverless.yml in the order of the path, each with its own bundle", () => {
    const functions = readFileSync(join(ROOT, "serverless.yml"), "utf8").split(/^functions:$/m)[1] ?? "";
    assert.deepEqual(
      [...functions.matchAll(/^ {2}(\w+):$/gm)].map((match) => match[1]),
      STATIONS,
    );
    assert.deepEqual(
      [...functions.matchAll(/^ {4}handler: dist\/(\w+)\.handler$/gm)].map((match) => match[1]),
      STATIONS,
    );
    assert.deepEqual(
      [...functions.matchAll(/\[dist\/(\w+)\.cjs\]/g)].map((match) => match[1]),
      STATIONS,
    );
  });

  it("need no credentials: no value of serverless.yml refers to a resource", () =>
    assert.doesNotMatch(
      readFileSync(join(ROOT, "serverless.yml"), "utf8"),
      /!Ref|!GetAtt|!Sub|Fn::|\$\{(?:ssm|s3|cf|aws):/,
    ));

  for (const station of STATIONS)
    describe(station, () => {
      it("takes its example event", async () => {
        const { eventSchema } = await lambdaOf(station);
        assert.deepEqual(eventSchema.parse(eventOf(station)), eventOf(station));
      });

      it("refuses an unknown key, an empty event and no event, in one sentence", async () => {
        const { handler } = await lambdaOf(station);
        for (const event of [{ ...eventOf(station), surplus: 1 }, {}, undefined, null, [], "text"])
          await assert.rejects(handler(event), (error) => {
            assert.ok(error instanceof UsageError);
            assert.match(error.message, new RegExp(`^${station} event: [^\n]+$`));
            return true;
          });
      });
    });
});

describe("the example's slots", () => {
  for (const [station, cutoffMs] of Object.entries(EXAMPLE_SLOTS))
    it(`hold the one that events/${station}.json names`, () =>
      assert.deepEqual(eventOf(station as StationName), { cutoffMs }));
});
