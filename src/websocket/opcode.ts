/** Frame opcodes (RFC 6455 section 5.2); 3 to 7 and 11 to 15 are reserved, bit 3 marks control frames. */
export const OPCODE = { CONTINUATION: 0x0, TEXT: 0x1, BINARY: 0x2, CLOSE: 0x8, PING: 0x9, PONG: 0xa } as const
