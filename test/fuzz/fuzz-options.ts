/** Runs and seed of a fuzz test; FUZZ_RUNS multiplies the runs of a long session, FUZZ_SEED takes another seed. */
export function fuzzOptions(runs: number): { numRuns: number; seed: number } {
  const { FUZZ_RUNS, FUZZ_SEED } = process.env
  return {
    numRuns: FUZZ_RUNS === undefined ? runs : Number(FUZZ_RUNS),
    seed: FUZZ_SEED === undefined ? 20_260 : Number(FUZZ_SEED),
  }
}
