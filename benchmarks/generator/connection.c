#define _GNU_SOURCE
#include "generator.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Key and answer of RFC 6455 section 1.3. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

enum { HEAD_CAPACITY = 8192, SILENT_RECEIVE_BUFFER = 4096, SILENT_SEGMENT = 536 };

/*
 * A silent connection takes as little as the kernel allows. On the loopback device it would otherwise keep 3 MB for each in the
 * server's send buffer, since segments are as large as 64 KiB there: more than the machine has, and nothing of the server's.
 */
int connect_to_server(const struct options *options, bool is_silent) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("no further connection: %s (ulimit -n?)", strerror(errno));
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (is_silent) {
    int buffer = SILENT_RECEIVE_BUFFER, segment = SILENT_SEGMENT;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
  }
  struct timeval limit = {.tv_sec = (time_t)options->stall + 1};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options->port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
    fail("cannot connect to port %d: %s", options->port, strerror(errno));
  return fd;
}

void set_non_blocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

static void receive(struct connection *connection, const char *expected) {
  if (connection->partial_length == connection->partial_capacity) {
    connection->partial_capacity = connection->partial_capacity == 0 ? HEAD_CAPACITY : connection->partial_capacity * 2;
    connection->partial = realloc(connection->partial, connection->partial_capacity);
  }
  ssize_t count = recv(connection->fd, connection->partial + connection->partial_length,
                       connection->partial_capacity - connection->partial_length, 0);
  if (count == 0) fail("the server ended connection %u where %s was expected", connection->id, expected);
  if (count < 0) fail("connection %u: %s was expected: %s", connection->id, expected, strerror(errno));
  connection->partial_length += (size_t)count;
}

static void consume(struct connection *connection, size_t length) {
  connection->partial_length -= length;
  memmove(connection->partial, connection->partial + length, connection->partial_length);
}

/* Waits for a frame that begins with `beginning`, and takes it; answers pings of channels that come before. */
static void expect_text(struct connection *connection, const char *beginning) {
  size_t header, length, wanted = strlen(beginning);
  for (;;) {
    while ((length = frame_length(connection->partial, connection->partial_length, &header)) == 0)
      receive(connection, beginning);
    bool is_ping = length == header + 2 && memcmp(connection->partial + header, "{}", 2) == 0;
    if (!is_ping) break;
    consume(connection, length);
    send_small_frame(connection, 0x81, "{}", 2);
  }
  if (length - header < wanted || memcmp(connection->partial + header, beginning, wanted) != 0)
    fail("a frame beginning with %s was expected, got %.*s", beginning, (int)(length - header),
         (char *)connection->partial + header);
  consume(connection, length);
}

static void check_answer(const struct options *options, const struct connection *connection, size_t length) {
  char head[HEAD_CAPACITY];
  if (length >= sizeof head) fail("the answer to the handshake is %zu bytes long", length);
  memcpy(head, connection->partial, length);
  head[length] = '\0';
  if (strncmp(head, "HTTP/1.1 101", 12) != 0) fail("the handshake was answered with %.*s", (int)strcspn(head, "\r"), head);
  if (strstr(head, ACCEPT) == NULL) fail("the answer to the handshake has another key than %s", ACCEPT);
  bool has_extension = strcasestr(head, "sec-websocket-extensions") != NULL;
  if (options->extensions != NULL && !has_extension) fail("the server does not do %s", options->extensions);
  if (options->extensions == NULL && has_extension) fail("the server chose an extension that was not offered");
}

static void join_channel(const struct options *options, struct connection *connection) {
  static const char CONNECT[] = "{\"id\":1,\"connect\":{}}";
  char channel[CHANNEL_NAME_CAPACITY], subscribe[126];
  put_channel_name(channel, options, connection->id);
  send_small_frame(connection, 0x81, CONNECT, sizeof CONNECT - 1);
  expect_text(connection, "{\"id\":1,\"connect\":{");
  send_small_frame(connection, 0x81, subscribe, put_subscribe_command(subscribe, sizeof subscribe, channel));
  expect_text(connection, "{\"id\":2,\"subscribe\":{");
}

void open_web_socket(const struct options *options, struct connection *connection, const char *path) {
  char request[2048];
  bool has_extensions = options->extensions != NULL;
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n%s%s%s\r\n",
                        path, options->port, has_extensions ? "Sec-WebSocket-Extensions: " : "",
                        has_extensions ? options->extensions : "", has_extensions ? "\r\n" : "");
  if (send(connection->fd, request, (size_t)length, MSG_NOSIGNAL) != length) fail("the handshake cannot be sent");
  const uint8_t *end = NULL;
  while (end == NULL) {
    receive(connection, "the answer to the handshake");
    end = memmem(connection->partial, connection->partial_length, "\r\n\r\n", 4);
  }
  size_t head = (size_t)(end - connection->partial) + 4;
  check_answer(options, connection, head);
  consume(connection, head);
  if (options->channel != NULL) join_channel(options, connection);
  if (!options->is_socket_io) return;
  expect_text(connection, "0{");
  send_small_frame(connection, 0x81, "40", 2);
  expect_text(connection, "40");
}

struct connection *open_connections(const struct options *options, int count, unsigned first_id, const char *path) {
  struct connection *connections = calloc((size_t)count, sizeof *connections);
  for (int i = 0; i < count; i++) {
    struct connection *connection = &connections[i];
    connection->id = first_id + (unsigned)i;
    /* Masks of clients are random; the same ones in each run. */
    uint32_t mask = (connection->id + 1) * 2654435761u;
    memcpy(connection->mask, &mask, 4);
    connection->fd = connect_to_server(options, false);
    if (path != NULL) open_web_socket(options, connection, path);
    set_non_blocking(connection->fd);
    if (connection->partial_length == 0) {
      free(connection->partial);
      connection->partial = NULL;
      connection->partial_capacity = 0;
    }
  }
  return connections;
}

int open_silent_connection(const struct options *options) {
  struct connection connection = {.fd = connect_to_server(options, true)};
  open_web_socket(options, &connection, options->path);
  set_non_blocking(connection.fd);
  free(connection.partial);
  return connection.fd;
}

/* Reads what a silent connection was sent; 1 when the server had ended it, 0 when it is still open. */
int drain_silent_connection(int fd, double seconds) {
  static uint8_t buffer[65536];
  double deadline = now() + seconds;
  for (;;) {
    ssize_t count = recv(fd, buffer, sizeof buffer, 0);
    if (count > 0) continue;
    if (count == 0 || errno != EAGAIN) return 1;
    double left = deadline - now();
    if (left <= 0) return 0;
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    if (poll(&poll_fd, 1, (int)(left * 1000) + 1) == 0) return 0;
  }
}
