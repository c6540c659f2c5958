/** Quantised model output: what is published, compared by attesters and fed to the integer decision. */
export type ModelOutput = {
  /** P(close at horizon > reference), in millionths, a multiple of OUTPUT_QUANTUM_PPM. */
  probUpPpm: number;
  /** One standard deviation of the return over the horizon, in millionths, a multiple of SIGMA_QUANTUM_PPM. */
  sigmaPpm: number;
};

/** ≥ 10 × the measured difference between runtimes (5e-6). */
export const OUTPUT_QUANTUM_PPM = 50;
export const SIGMA_QUANTUM_PPM = 10;

export const quantise = (value: number, quantum: number): number => Math.round(value / quantum) * quantum;

/** An attester accepts an output within one quantum of its own. */
export function outputsAgree(a: ModelOutput, b: ModelOutput): boolean {
  return (
    Math.abs(a.probUpPpm - b.probUpPpm) <= OUTPUT_QUANTUM_PPM &&
    Math.abs(a.sigmaPpm - b.sigmaPpm) <= SIGMA_QUANTUM_PPM
  );
}
