/* GET requests with one path parameter, over connections that stay open. */
#define _GNU_SOURCE
#include "generator.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { RESPONSE_CAPACITY = 8192, NAME_LENGTH = 8, MAX_EVENTS = 512 };

struct client {
  struct connection *connection;
  char *request;
  size_t request_length;
  char *name; /* within the request */
  char body[64];
  size_t body_length;
  char response[RESPONSE_CAPACITY];
  size_t response_length;
};

static void send_request(struct client *client) {
  struct connection *connection = client->connection;
  /* Another name each time, so that no answer can be kept; the letters are those of no URL escape. */
  uint32_t number = connection->sent++ * 2654435761u + connection->id;
  for (int i = 0; i < NAME_LENGTH; i++) client->name[i] = (char)('a' + (number >> (4 * i) & 15));
  client->body_length =
      (size_t)snprintf(client->body, sizeof client->body, "{\"hello\":\"%.*s\"}", NAME_LENGTH, client->name);
  if (send(connection->fd, client->request, client->request_length, MSG_NOSIGNAL) != (ssize_t)client->request_length)
    fail("connection %u takes no further request", connection->id);
}

static struct client *open_clients(const struct options *options, int epoll) {
  struct connection *connections = open_connections(options, options->connections, 0, NULL);
  struct client *clients = calloc((size_t)options->connections, sizeof *clients);
  for (int i = 0; i < options->connections; i++) {
    struct client *client = &clients[i];
    client->connection = &connections[i];
    client->request = malloc(512);
    client->request_length =
        (size_t)snprintf(client->request, 512, "GET %s/%*s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: application/json\r\n\r\n",
                         options->path, NAME_LENGTH, "", options->port);
    client->name = client->request + strlen("GET ") + strlen(options->path) + 1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
  }
  return clients;
}

static size_t content_length(const char *head, const struct client *client) {
  const char *field = strcasestr(head, "\r\ncontent-length:");
  if (field == NULL) fail("connection %u got an answer without Content-Length", client->connection->id);
  return strtoul(field + strlen("\r\ncontent-length:"), NULL, 10);
}

/* Whether a whole answer is there; it is taken and checked. */
static bool take_response(struct client *client, bool is_first) {
  char *end = memmem(client->response, client->response_length, "\r\n\r\n", 4);
  if (end == NULL) return false;
  end[2] = '\0';
  const char *head = client->response, *body = end + 4;
  size_t length = content_length(head, client), head_length = (size_t)(body - head);
  if (head_length + length > client->response_length) {
    end[2] = '\r';
    return false;
  }
  unsigned id = client->connection->id;
  if (strncmp(head, "HTTP/1.1 200 ", 13) != 0) fail("connection %u got %.*s", id, (int)strcspn(head, "\r"), head);
  if (is_first && strcasestr(head, "\r\ncontent-type: application/json") == NULL) fail("connection %u got no JSON", id);
  if (length != client->body_length || memcmp(body, client->body, length) != 0)
    fail("connection %u got %.*s where %s was expected", id, (int)length, body, client->body);
  if (client->response_length > head_length + length) fail("connection %u got more than one answer", id);
  client->response_length = 0;
  return true;
}

struct http_load {
  const struct options *options;
  int epoll;
  uint64_t answered;
  uint64_t awaited;
  bool is_ending;
  double last_progress;
};

static void handle_readable(struct http_load *load, struct client *client) {
  ssize_t count = recv(client->connection->fd, client->response + client->response_length,
                       RESPONSE_CAPACITY - client->response_length, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) fail("the server ended connection %u", client->connection->id);
  client->response_length += (size_t)count;
  if (client->response_length == RESPONSE_CAPACITY) fail("an answer is larger than %d bytes", RESPONSE_CAPACITY);
  if (!take_response(client, client->connection->received == 0)) return;
  client->connection->received++;
  load->answered++;
  if (load->is_ending) return;
  load->awaited++;
  send_request(client);
}

static void turn(struct http_load *load) {
  struct epoll_event events[MAX_EVENTS];
  int count = epoll_wait(load->epoll, events, MAX_EVENTS, 50);
  for (int i = 0; i < count; i++) handle_readable(load, events[i].data.ptr);
  double time = now();
  if (count > 0) load->last_progress = time;
  else if (time - load->last_progress > load->options->stall) fail("no answer for %g s", load->options->stall);
}

static void run_for(struct http_load *load, double seconds) {
  for (double deadline = now() + seconds; now() < deadline;) turn(load);
}

void run_http_load(const struct options *options, struct result *result) {
  struct http_load load = {.options = options, .epoll = epoll_create1(EPOLL_CLOEXEC), .last_progress = now()};
  struct client *clients = open_clients(options, load.epoll);
  load.awaited = (uint64_t)options->connections;
  for (int i = 0; i < options->connections; i++) send_request(&clients[i]);
  uint64_t wanted = (uint64_t)options->verified * (uint64_t)options->connections;
  while (load.answered < wanted) turn(&load);
  result->verified = load.answered;

  run_for(&load, options->warm_up);
  uint64_t answered = load.answered;
  struct meter meter;
  meter_start(&meter, options->server);
  run_for(&load, options->seconds);
  meter_stop(&meter, result);
  result->messages = load.answered - answered;
  load.is_ending = true;
  while (load.answered < load.awaited) turn(&load);
}
