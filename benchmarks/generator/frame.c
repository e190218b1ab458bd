/* Frames of RFC 6455 section 5.2. */
#include "generator.h"

#include <string.h>
#include <sys/socket.h>

static size_t put_length(uint8_t *to, uint8_t mask_bit, size_t length) {
  if (length < 126) {
    to[0] = (uint8_t)(mask_bit | length);
    return 1;
  }
  int bytes = length < 65536 ? 2 : 8;
  to[0] = (uint8_t)(mask_bit | (bytes == 2 ? 126 : 127));
  for (int i = 0; i < bytes; i++) to[1 + i] = (uint8_t)((uint64_t)length >> (8 * (bytes - 1 - i)));
  return (size_t)bytes + 1;
}

size_t put_client_header(uint8_t *to, uint8_t first_byte, size_t length, const uint8_t mask[4]) {
  to[0] = first_byte;
  size_t size = 1 + put_length(to + 1, 0x80, length);
  memcpy(to + size, mask, 4);
  return size + 4;
}

size_t put_server_header(uint8_t *to, uint8_t first_byte, size_t length) {
  to[0] = first_byte;
  return 1 + put_length(to + 1, 0, length);
}

size_t frame_length(const uint8_t *from, size_t available, size_t *header_length) {
  if (available < 2) return 0;
  size_t header = 2, length = from[1] & 0x7f;
  if (length >= 126) {
    size_t bytes = length == 126 ? 2 : 8;
    if (available < 2 + bytes) return 0;
    length = 0;
    for (size_t i = 0; i < bytes; i++) length = length << 8 | from[2 + i];
    header += bytes;
  }
  /* A client that sees a masked frame fails the connection. */
  if (from[1] & 0x80) fail("a frame of the server is masked");
  *header_length = header;
  return available - header >= length ? header + length : 0;
}

void send_small_frame(const struct connection *connection, uint8_t first_byte, const void *payload, size_t length) {
  uint8_t frame[256];
  if (length > 125) fail("a control frame of %zu bytes", length);
  size_t header = put_client_header(frame, first_byte, length, connection->mask);
  const uint8_t *bytes = payload;
  for (size_t i = 0; i < length; i++) frame[header + i] = bytes[i] ^ connection->mask[i & 3];
  if (send(connection->fd, frame, header + length, MSG_NOSIGNAL) != (ssize_t)(header + length))
    fail("connection %u takes no further frame", connection->id);
}
