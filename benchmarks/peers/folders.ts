import { join } from 'node:path'

/** The folder of the benchmarks. */
export const BENCHMARKS: string = join(import.meta.dirname, '..')
/** The project. */
export const ROOT: string = join(BENCHMARKS, '..')
/** What is built here and can be built again. */
export const CACHE: string = join(BENCHMARKS, '.cache')
