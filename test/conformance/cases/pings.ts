import { hex, repeated } from '../wire/bytes.ts'
import {
  CLEAN,
  PING,
  PONG,
  PROTOCOL_ERROR,
  failed,
  frame,
  get,
  reply,
  send,
  sendChopped,
  type ConformanceCase,
} from './conformance-case.ts'

const LONGEST = repeated(0xfe, 125)
const TEN = Array.from({ length: 10 }, (_, index) => `beat no. ${index}`)
const TEN_PINGS = TEN.map((payload) => frame(PING, payload))
const TEN_PONGS = TEN.map((payload) => reply(PONG, payload))

/** Section 2: a ping is answered by a pong of the same payload, a pong by nothing (RFC 6455 sections 5.5.2 and 5.5.3). */
export const PINGS: readonly ConformanceCase[] = [
  {
    id: '2.1',
    sends: 'An empty ping',
    steps: [send(frame(PING)), get(hex('8a00'))],
    ending: CLEAN,
  },
  {
    id: '2.2',
    sends: 'A ping with text',
    steps: [send(frame(PING, 'Are you there?')), get(reply(PONG, 'Are you there?'))],
    ending: CLEAN,
  },
  {
    id: '2.3',
    sends: 'A ping with octets that are no UTF-8',
    steps: [send(frame(PING, hex('00fffefdfcfb00ff'))), get(hex('8a08 00fffefdfcfb00ff'))],
    ending: CLEAN,
  },
  {
    id: '2.4',
    sends: 'A ping with 125 octets, the most it may have',
    steps: [send(frame(PING, LONGEST)), get(reply(PONG, LONGEST))],
    ending: CLEAN,
  },
  {
    id: '2.5',
    sends: 'A ping with 126 octets',
    steps: [send(frame(PING, repeated(0xfe, 126)))],
    ending: failed(PROTOCOL_ERROR),
  },
  {
    id: '2.6',
    sends: 'A ping with 125 octets, octet by octet',
    steps: [sendChopped(1, frame(PING, LONGEST)), get(reply(PONG, LONGEST))],
    ending: CLEAN,
  },
  { id: '2.7', sends: 'An empty pong that nobody asked for', steps: [send(frame(PONG))], ending: CLEAN },
  {
    id: '2.8',
    sends: 'A pong with payload that nobody asked for',
    steps: [send(frame(PONG, 'nobody asked'))],
    ending: CLEAN,
  },
  {
    id: '2.9',
    sends: 'A pong that nobody asked for, then a ping with payload',
    steps: [send(frame(PONG, 'nobody asked'), frame(PING, 'but I do')), get(reply(PONG, 'but I do'))],
    ending: CLEAN,
  },
  {
    id: '2.10',
    sends: 'Ten pings with different payloads in one piece',
    steps: [send(...TEN_PINGS), get(...TEN_PONGS)],
    ending: CLEAN,
  },
  {
    id: '2.11',
    sends: 'Ten pings with different payloads, octet by octet',
    steps: [sendChopped(1, ...TEN_PINGS), get(...TEN_PONGS)],
    ending: CLEAN,
  },
]
