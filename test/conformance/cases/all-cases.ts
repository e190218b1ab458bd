import { CLOSING } from './closing.ts'
import { COMPRESSED_PAYLOADS, COMPRESSION_PARAMETERS } from './compression.ts'
import type { ConformanceCase } from './conformance-case.ts'
import type { EchoGroup } from './echo-case.ts'
import { AUTO_FRAGMENTATION, FRAGMENTATION } from './fragmentation.ts'
import { FRAMING } from './framing.ts'
import { LIMITS } from './limits.ts'
import { OPCODES } from './opcodes.ts'
import { PINGS } from './pings.ts'
import { RESERVED_BITS } from './reserved-bits.ts'
import { UTF8_FRAGMENTS } from './utf8-fragments.ts'
import { UTF8_SEQUENCES } from './utf8-sequences.ts'

/** A section of the table with its rows. */
export interface Section {
  readonly title: string
  readonly cases: readonly ConformanceCase[]
}

/** The cases that are played byte by byte, by the sections of the Autobahn testsuite. */
export const SECTIONS: readonly Section[] = [
  { title: '1 Framing', cases: FRAMING },
  { title: '2 Pings and pongs', cases: PINGS },
  { title: '3 Reserved bits', cases: RESERVED_BITS },
  { title: '4 Opcodes', cases: OPCODES },
  { title: '5 Fragmentation', cases: FRAGMENTATION },
  { title: '6 UTF-8 handling', cases: [...UTF8_FRAGMENTS, ...UTF8_SEQUENCES] },
  { title: '7 Close handling', cases: CLOSING },
  { title: '10 Auto-fragmentation', cases: AUTO_FRAGMENTATION },
]

/** A section whose cases echo messages. */
export interface EchoSection {
  readonly title: string
  readonly groups: readonly EchoGroup[]
}

/** The cases that echo messages, by the sections of the Autobahn testsuite. */
export const ECHO_SECTIONS: readonly EchoSection[] = [
  { title: '9 Limits and performance', groups: LIMITS },
  { title: '12 Compression of different payloads', groups: COMPRESSED_PAYLOADS },
  { title: '13 Compression with different parameters', groups: COMPRESSION_PARAMETERS },
]
