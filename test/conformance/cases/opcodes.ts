import {
  PING,
  PROTOCOL_ERROR,
  TEXT,
  failed,
  frame,
  get,
  reply,
  send,
  sendChopped,
  type ConformanceCase,
} from './conformance-case.ts'

const fine = frame(TEXT, 'so far, so good')
const fineBack = get(reply(TEXT, 'so far, so good'))

/** Section 4: opcodes that RFC 6455 section 5.2 reserves, for data (3 to 7) and for control (11 to 15). */
export const OPCODES: readonly ConformanceCase[] = [...rows('4.1', 3), ...rows('4.2', 11)]

function rows(group: string, opcode: number): ConformanceCase[] {
  const ending = failed(PROTOCOL_ERROR)
  const bad = (offset: number, payload = ''): Buffer => frame(0x80 | (opcode + offset), payload)
  return [
    { id: `${group}.1`, sends: `An empty frame of opcode ${opcode}`, steps: [send(bad(0))], ending },
    {
      id: `${group}.2`,
      sends: `A frame of opcode ${opcode + 1} with payload`,
      steps: [send(bad(1, 'reserved'))],
      ending,
    },
    {
      id: `${group}.3`,
      sends: `A text message, an empty frame of opcode ${opcode + 2}, a ping`,
      steps: [send(fine, bad(2), frame(PING)), fineBack],
      ending,
    },
    {
      id: `${group}.4`,
      sends: `A text message, a frame of opcode ${opcode + 3} with payload, a ping`,
      steps: [send(fine, bad(3, 'reserved'), frame(PING)), fineBack],
      ending,
    },
    {
      id: `${group}.5`,
      sends: `A text message, a frame of opcode ${opcode + 4} with payload, a ping; octet by octet`,
      steps: [sendChopped(1, fine, bad(4, 'reserved'), frame(PING)), fineBack],
      ending,
    },
  ]
}
