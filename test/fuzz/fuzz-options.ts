/** The newest Node makes most runs; the others show that the same holds there. */
const isNewest = process.versions['bun'] === undefined && !process.version.startsWith('v22.')
const PART_ELSEWHERE = 4

/** Runs and seed of a fuzz test; FUZZ_RUNS is the runs of a long session, FUZZ_SEED takes another seed. */
export function fuzzOptions(runs: number): { numRuns: number; seed: number } {
  const { FUZZ_RUNS, FUZZ_SEED } = process.env
  const usual = isNewest ? runs : Math.ceil(runs / PART_ELSEWHERE)
  return {
    numRuns: FUZZ_RUNS === undefined ? usual : Number(FUZZ_RUNS),
    seed: FUZZ_SEED === undefined ? 20_260 : Number(FUZZ_SEED),
  }
}
