import {
  PING,
  PROTOCOL_ERROR,
  TEXT,
  failed,
  frame,
  get,
  reply,
  send,
  sendApart,
  sendChopped,
  type ConformanceCase,
} from './conformance-case.ts'

const ending = failed(PROTOCOL_ERROR)
const fine = frame(TEXT, 'so far, so good')
const fineBack = get(reply(TEXT, 'so far, so good'))

/** Section 3: reserved bits without an extension that gives them a meaning (RFC 6455 section 5.2). */
export const RESERVED_BITS: readonly ConformanceCase[] = [
  { id: '3.1', sends: 'A text message with RSV3', steps: [send(frame(0x91, 'bit 3'))], ending },
  {
    id: '3.2',
    sends: 'A text message, one with RSV2, a ping; in one piece',
    steps: [send(fine, frame(0xa1, 'bit 2'), frame(PING)), fineBack],
    ending,
  },
  {
    id: '3.3',
    sends: 'A text message, one with RSV2 and RSV3, a ping; frame by frame',
    steps: [...sendApart(fine, frame(0xb1, 'bits 2 and 3'), frame(PING)), fineBack],
    ending,
  },
  {
    id: '3.4',
    sends: 'A text message, one with RSV1, a ping; octet by octet',
    steps: [sendChopped(1, fine, frame(0xc1, 'bit 1'), frame(PING)), fineBack],
    ending,
  },
  {
    id: '3.5',
    sends: 'A binary message with RSV1 and RSV3',
    steps: [send(frame(0xd2, 'bits 1 and 3'))],
    ending,
  },
  { id: '3.6', sends: 'A ping with RSV1 and RSV2', steps: [send(frame(0xe9, 'bits 1 and 2'))], ending },
  { id: '3.7', sends: 'A close frame with RSV1, RSV2 and RSV3', steps: [send(frame(0xf8))], ending },
]
