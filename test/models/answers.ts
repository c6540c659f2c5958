/** Run as a process of its own: prints what each committed model answers. */
import { loadByName, typicalVector } from "./artefacts.ts";

const answers: Record<string, string> = {};
for (const name of ["logistic", "lstm-small"]) {
  const model = await loadByName(name);
  answers[name] = [-1, 0, 0.7]
    .map((by) => model.predict(typicalVector(model.manifest, by)).toString())
    .join(" ");
}
console.log(JSON.stringify(answers));
