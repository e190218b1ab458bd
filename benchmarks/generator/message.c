/*
 * A message is its sender's number (4 characters), its own number (8 characters) and a filler. A character holds four bits, the
 * lowest first, so that reading a number is a few operations on a register.
 */
#include "generator.h"

#include <stdlib.h>
#include <string.h>

/* What Socket.IO 4 sends for `emit('message', text)`: Engine.IO message, Socket.IO event, JSON. */
static const char SOCKET_IO_PREFIX[] = "42[\"message\",\"";
static const char SOCKET_IO_SUFFIX[] = "\"]";

static void put_number(uint8_t *to, uint32_t number, int characters) {
  for (int i = 0; i < characters; i++) to[i] = (uint8_t)('a' + (number >> (4 * i) & 15));
}

static uint32_t get_number(const uint8_t *from) {
  uint64_t bits;
  memcpy(&bits, from, 8);
  bits -= 0x6161616161616161u;
  bits = (bits | bits >> 4) & 0x00ff00ff00ff00ffu;
  bits = (bits | bits >> 8) & 0x0000ffff0000ffffu;
  return (uint32_t)(bits | bits >> 16);
}

static void put_filler(const struct message_format *format, uint8_t *to, unsigned sender, uint32_t number) {
  uint32_t state = sender * 2654435761u + number * 40503u;
  for (size_t i = 0; i < format->size - NUMBERS_LENGTH; i++) {
    state = state * 1664525u + 1013904223u;
    to[i] = format->is_binary ? (uint8_t)(state >> 24) : (uint8_t)('a' + (state >> 24) % 26);
  }
}

void format_init(struct message_format *format, const struct options *options, int senders) {
  memset(format, 0, sizeof *format);
  format->size = options->size;
  format->is_binary = options->is_binary;
  format->envelope_begin = options->is_socket_io ? SOCKET_IO_PREFIX : "";
  format->envelope_end = options->is_socket_io ? SOCKET_IO_SUFFIX : "";
  format->prefix = strlen(format->envelope_begin);
  if (options->channel != NULL) channel_format_init(format, options, 0);
  format->verified = (uint32_t)options->verified;
  format->length = format->prefix + format->size + strlen(format->envelope_end);
  uint8_t first_byte = options->is_binary ? 0x82 : 0x81;
  uint8_t scratch[16];
  const uint8_t mask[4] = {0};
  format->server_header_length = put_server_header(format->server_header, first_byte, format->length);
  format->client_header_length = put_client_header(scratch, first_byte, format->length, mask);
  format->fillers = malloc((size_t)senders * sizeof *format->fillers);
  for (int i = 0; i < senders; i++) {
    format->fillers[i] = malloc(format->size);
    put_filler(format, format->fillers[i], (unsigned)i, format->verified);
  }
}

static void put_message(const struct message_format *format, uint8_t *message, unsigned sender, uint32_t number) {
  put_number(message, sender, 4);
  put_number(message + 4, number, 8);
  put_filler(format, message + NUMBERS_LENGTH, sender, number < format->verified ? number : format->verified);
}

static void put_payload(const struct message_format *format, uint8_t *to, unsigned sender, uint32_t number) {
  memcpy(to, format->envelope_begin, format->prefix);
  uint8_t *end = to + format->prefix + format->size;
  put_message(format, to + format->prefix, sender, number);
  memcpy(end, format->envelope_end, strlen(format->envelope_end));
}

static void put_masked(const struct message_format *format, struct connection *sender, uint8_t *to, uint32_t number) {
  put_payload(format, to, sender->id, number);
  for (size_t i = 0; i < format->length; i++) to[i] ^= sender->mask[i & 3];
}

void batch_init(const struct message_format *format, struct connection *sender, int in_flight) {
  size_t frame = format->client_header_length + format->length;
  sender->batch_length = frame * (size_t)in_flight;
  sender->batch = malloc(sender->batch_length);
  for (int i = 0; i < in_flight; i++) {
    uint8_t *to = sender->batch + frame * (size_t)i;
    put_client_header(to, format->is_binary ? 0x82 : 0x81, format->length, sender->mask);
  }
}

void batch_number(const struct message_format *format, struct connection *sender, int in_flight) {
  size_t frame = format->client_header_length + format->length;
  for (int i = 0; i < in_flight; i++) {
    uint8_t *payload = sender->batch + frame * (size_t)i + format->client_header_length;
    uint32_t number = sender->sent + (uint32_t)i;
    /* After the verified messages only the number changes, so that the generator costs little; twice, so that each of the batch has it. */
    bool is_whole = number < format->verified + (uint32_t)in_flight;
    size_t at = format->prefix + 4;
    if (is_whole) put_masked(format, sender, payload, number);
    else {
      put_number(payload + at, number, 8);
      for (size_t k = at; k < at + 8; k++) payload[k] ^= sender->mask[k & 3];
    }
    if (format->push_begin != NULL) channel_number(format, payload, number, sender->mask);
  }
}

unsigned message_sender(const uint8_t *message) {
  unsigned number = 0;
  for (int i = 3; i >= 0; i--) number = number << 4 | (unsigned)(message[i] - 'a');
  return number;
}

uint32_t message_number(const uint8_t *message) { return get_number(message + 4); }

bool message_is_intact(const struct message_format *format, const uint8_t *message, unsigned sender, uint32_t number) {
  if (number >= format->verified)
    return memcmp(message + NUMBERS_LENGTH, format->fillers[sender], format->size - NUMBERS_LENGTH) == 0;
  uint8_t *whole = malloc(format->size);
  put_message(format, whole, sender, number);
  bool is_intact = memcmp(message, whole, format->size) == 0;
  free(whole);
  return is_intact;
}

bool envelope_is_intact(const struct message_format *format, const uint8_t *payload) {
  size_t end = format->prefix + format->size;
  return memcmp(payload, format->envelope_begin, format->prefix) == 0 &&
         memcmp(payload + end, format->envelope_end, format->length - end) == 0;
}
