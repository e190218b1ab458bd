/* Connections that do nothing but answer pings. */
#include "generator.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_EVENTS = 512, MAX_READ = 4096 };

static void answer_pings(struct connection *connection) {
  uint8_t bytes[MAX_READ], *at = bytes;
  ssize_t count = recv(connection->fd, bytes, sizeof bytes, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) fail("the server ended idle connection %u", connection->id);
  size_t available = (size_t)count, header, length;
  while ((length = frame_length(at, available, &header)) > 0) {
    size_t payload = length - header;
    if (at[0] == 0x89) send_small_frame(connection, 0x8a, at + header, payload);
    /* Pings of channels, and of Engine.IO. */
    else if (at[0] == 0x81 && payload == 2 && memcmp(at + header, "{}", 2) == 0) send_small_frame(connection, 0x81, "{}", 2);
    else if (at[0] == 0x81 && payload == 1 && at[header] == '2') send_small_frame(connection, 0x81, "3", 1);
    at += length;
    available -= length;
  }
}

/* Opens connections, says so, and holds them until standard input ends. */
void hold_connections(const struct options *options) {
  struct connection *connections = open_connections(options, options->connections, 0, options->path);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input) != 0) fail("standard input must be a pipe: %s", strerror(errno));
  for (int i = 0; i < options->connections; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
  }
  printf("{\"open\":%d}\n", options->connections);
  fflush(stdout);
  for (;;) {
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait(epoll, events, MAX_EVENTS, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL) return;
      answer_pings(events[i].data.ptr);
    }
  }
}
