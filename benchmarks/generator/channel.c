/* Channels over WebSockets: the client protocol of Centrifuge, version 2, in JSON, one command or reply a line. */
#include "generator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ids of publish commands begin here, so that all have the same number of digits. */
enum { FIRST_PUBLISH_ID = 1000000000, ID_LENGTH = 10, ID_AT = sizeof "{\"id\":" - 1 };

static const char PUSH_END[] = "}}}";
static const char DATA_BEGIN[] = ",\"data\":\"";

/* Ten digits at `at` of the payload. */
static void put_digits(uint8_t *payload, size_t at, uint32_t number, const uint8_t mask[4]) {
  for (size_t i = at + ID_LENGTH; i-- > at; number /= 10) payload[i] = (uint8_t)('0' + number % 10) ^ mask[i & 3];
}

void put_channel_name(char to[CHANNEL_NAME_CAPACITY], const struct options *options, unsigned connection) {
  bool is_own = options->mode == MODE_ECHO;
  int length = is_own ? snprintf(to, CHANNEL_NAME_CAPACITY, "%s/%05u", options->channel, connection)
                      : snprintf(to, CHANNEL_NAME_CAPACITY, "%s", options->channel);
  if (length < 0 || length >= CHANNEL_NAME_CAPACITY) fail("the channel's name is too long");
}

/*
 * A key is a UUID as clients make them, but with the time of the run, the connection and the number of the message in it: the
 * server has to take each for a new one, also those of the runs before.
 */
static const char *make_envelope_end(struct message_format *format, unsigned connection) {
  static uint64_t run;
  if (run == 0) run = (uint64_t)(wall_clock() * 1e3) & 0xffffffffffffu;
  char *end = malloc(64);
  int length = sprintf(end, "\",\"id\":\"%08x-%04x-4%03x-8%03x-00%010u\"}}", (unsigned)(run >> 16), (unsigned)(run & 0xffff),
                       connection >> 12 & 0xfff, connection & 0xfff, 0);
  format->key_at = format->prefix + format->size + (size_t)length - (sizeof "\"}}" - 1) - ID_LENGTH;
  return end;
}

void channel_format_init(struct message_format *format, const struct options *options, unsigned connection) {
  char channel[CHANNEL_NAME_CAPACITY];
  put_channel_name(channel, options, connection);
  char *begin = malloc(strlen(channel) + 128);
  format->prefix = (size_t)sprintf(begin, "{\"id\":%u,\"publish\":{\"channel\":\"%s\",\"data\":\"", FIRST_PUBLISH_ID, channel);
  format->envelope_begin = begin;
  format->envelope_end = options->has_keys ? make_envelope_end(format, connection) : "\"}}";
  char *push = malloc(strlen(channel) + 128);
  format->push_begin_length = (size_t)sprintf(push, "{\"push\":{\"channel\":\"%s\",\"pub\":{\"offset\":", channel);
  format->push_begin = push;
}

void channel_number(const struct message_format *format, uint8_t *payload, uint32_t number, const uint8_t mask[4]) {
  put_digits(payload, ID_AT, FIRST_PUBLISH_ID + number, mask);
  if (format->key_at > 0) put_digits(payload, format->key_at, number, mask);
}

static bool begins_with(const uint8_t *text, size_t length, const char *beginning, size_t wanted) {
  return length >= wanted && memcmp(text, beginning, wanted) == 0;
}

/* Reads digits; returns what follows them, or NULL when there is none. */
static const uint8_t *read_digits(const uint8_t *at, const uint8_t *end, uint64_t *value) {
  const uint8_t *first = at;
  for (*value = 0; at < end && *at >= '0' && *at <= '9'; at++) *value = *value * 10 + (uint64_t)(*at - '0');
  return at == first ? NULL : at;
}

static bool read_publication(const struct message_format *format, const uint8_t *line, size_t length, struct channel_line *read) {
  const uint8_t *end = line + length, *at = read_digits(line + format->push_begin_length, end, &read->offset);
  size_t begin = sizeof DATA_BEGIN - 1, close = sizeof PUSH_END - 1;
  if (at == NULL || (size_t)(end - at) < begin + format->size + 1 + close) return false;
  if (memcmp(at, DATA_BEGIN, begin) != 0) return false;
  read->message = at + begin;
  /* What follows the data is the server's: who published, and when. */
  const uint8_t *rest = read->message + format->size;
  return rest[0] == '"' && (rest[1] == ',' || rest[1] == '}') && memcmp(end - close, PUSH_END, close) == 0;
}

static bool read_acknowledgement(const uint8_t *line, size_t length, struct channel_line *read) {
  static const char BEGIN[] = "{\"id\":", END[] = ",\"publish\":{}}";
  uint64_t id;
  if (!begins_with(line, length, BEGIN, sizeof BEGIN - 1)) return false;
  const uint8_t *end = line + length, *at = read_digits(line + sizeof BEGIN - 1, end, &id);
  if (at == NULL || (size_t)(end - at) != sizeof END - 1 || memcmp(at, END, sizeof END - 1) != 0) return false;
  read->number = (uint32_t)(id - FIRST_PUBLISH_ID);
  return true;
}

void read_channel_line(const struct message_format *format, const uint8_t *line, size_t length, struct channel_line *read) {
  bool is_push = begins_with(line, length, format->push_begin, format->push_begin_length);
  if (is_push && read_publication(format, line, length, read)) read->kind = LINE_PUBLICATION;
  else if (!is_push && read_acknowledgement(line, length, read)) read->kind = LINE_PUBLISHED;
  else read->kind = length == 2 && memcmp(line, "{}", 2) == 0 ? LINE_PING : LINE_OTHER;
}

size_t put_subscribe_command(char *to, size_t capacity, const char *channel) {
  int length = snprintf(to, capacity, "{\"id\":2,\"subscribe\":{\"channel\":\"%s\",\"positioned\":true,\"recoverable\":true}}", channel);
  if (length < 0 || (size_t)length >= capacity) fail("the channel's name is too long");
  return (size_t)length;
}
