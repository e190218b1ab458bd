/* Echo and topics over WebSockets. */
#define _GNU_SOURCE
#include "generator.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_CAPACITY = 1 << 20, MAX_EVENTS = 512, SENT_TIMES = 4096 };

enum phase { VERIFY, WARM_UP, TIMED, END };

struct load {
  const struct options *options;
  struct message_format *formats; /* of each connection where each has a channel of its own; otherwise one for all */
  struct connection *members; /* who receives */
  int member_count;
  struct connection *publisher; /* the only sender; NULL when all members send */
  int sender_count;
  int *silent;
  int epoll;
  int timer; /* ticks at the rate of the publisher; or -1 */
  enum phase phase;
  uint64_t delivered;
  uint64_t awaited; /* how many there will have been when all that was sent has arrived */
  uint64_t unacknowledged; /* channels: publishes whose answer is still to come */
  double sent_times[SENT_TIMES];
  double last_progress;
  uint8_t *buffer;
  /* What the frames file holds. */
  uint8_t *frames;
  size_t *frame_starts;
  uint32_t frame_count;
};

/* How often a message arrives. */
static uint64_t copies(const struct load *load) {
  return load->options->mode == MODE_ECHO ? 1 : (uint64_t)load->member_count;
}

static void watch(const struct load *load, struct connection *connection, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  if (epoll_ctl(load->epoll, operation, connection->fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

/* How messages of a connection look; they differ only where each has a channel of its own. */
static const struct message_format *format_of(const struct load *load, const struct connection *connection) {
  bool is_own = load->options->mode == MODE_ECHO && load->options->channel != NULL;
  return &load->formats[is_own ? connection->id : 0];
}

static void flush(const struct load *load, struct connection *sender) {
  while (sender->batch_offset < sender->batch_length) {
    ssize_t count = send(sender->fd, sender->batch + sender->batch_offset, sender->batch_length - sender->batch_offset,
                         MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) {
      if (!sender->is_writing) watch(load, sender, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
      sender->is_writing = true;
      return;
    }
    if (count < 0) fail("connection %u takes no further message: %s", sender->id, strerror(errno));
    sender->batch_offset += (size_t)count;
  }
  if (sender->is_writing) watch(load, sender, EPOLL_CTL_MOD, EPOLLIN);
  sender->is_writing = false;
}

static void send_batch(struct load *load, struct connection *sender) {
  int in_flight = load->options->in_flight;
  if (load->frames != NULL) {
    uint32_t at = sender->sent % load->frame_count;
    sender->batch = load->frames + load->frame_starts[at];
    sender->batch_length = load->frame_starts[at + 1] - load->frame_starts[at];
  } else {
    batch_number(format_of(load, sender), sender, in_flight);
  }
  if (load->timer >= 0) load->sent_times[sender->sent % SENT_TIMES] = wall_clock();
  sender->batch_offset = 0;
  sender->sent += (uint32_t)in_flight;
  load->awaited += (uint64_t)in_flight * copies(load);
  if (load->options->channel != NULL) load->unacknowledged += (uint64_t)in_flight;
  flush(load, sender);
}

static bool may_send(const struct load *load, const struct connection *sender) {
  if (load->phase == VERIFY) return sender->sent < load->formats->verified;
  return load->phase != END && load->timer < 0;
}

static void start_senders(struct load *load) {
  for (int i = 0; i < load->sender_count; i++) {
    struct connection *sender = load->publisher != NULL ? load->publisher : &load->members[i];
    if (may_send(load, sender)) send_batch(load, sender);
  }
}

static bool is_settled(const struct load *load) {
  return load->delivered == load->awaited && load->unacknowledged == 0;
}

static void take_message(struct load *load, struct connection *to, const uint8_t *message) {
  unsigned sender = message_sender(message);
  uint32_t number = message_number(message);
  bool is_echo = load->options->mode == MODE_ECHO;
  if (is_echo ? sender != to->id : sender >= (unsigned)load->sender_count)
    fail("connection %u got an altered message, or one for another: sender %u", to->id, sender);
  uint32_t *expected = is_echo ? &to->received : &to->expected[sender];
  if (number != *expected)
    fail("connection %u got message %u of sender %u where %u was expected: lost, doubled or out of order", to->id, number,
         sender, *expected);
  if (!message_is_intact(load->formats, message, sender, number))
    fail("connection %u got message %u of sender %u altered", to->id, number, sender);
  ++*expected;
  if (!is_echo && load->publisher == NULL && sender == to->id) to->received++;
  /* The one who publishes on a channel is subscribed too, but is not one of those whose deliveries count. */
  if (to != load->publisher) load->delivered++;
}

static void take_publication(struct load *load, struct connection *to, const struct channel_line *line) {
  /* Offsets rise by one, or where a broker counts otherwise just rise: on a channel of its own the numbers tell what is missing. */
  bool is_next = load->options->mode == MODE_ECHO ? line->offset > to->offset : line->offset == to->offset + 1;
  if (to->offset != 0 && !is_next)
    fail("connection %u got offset %llu after %llu", to->id, (unsigned long long)line->offset, (unsigned long long)to->offset);
  to->offset = line->offset;
  take_message(load, to, line->message);
}

static void take_acknowledgement(struct load *load, struct connection *to, uint32_t number) {
  if (to->acknowledged == to->sent || number != to->acknowledged)
    fail("connection %u got an answer to publish %u where that to %u was expected", to->id, number, to->acknowledged);
  to->acknowledged++;
  load->unacknowledged--;
}

static void take_lines(struct load *load, struct connection *to, const uint8_t *at, size_t length) {
  const uint8_t *end = at + length;
  while (at < end) {
    const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
    const uint8_t *line_end = newline == NULL ? end : newline;
    struct channel_line line;
    read_channel_line(format_of(load, to), at, (size_t)(line_end - at), &line);
    switch (line.kind) {
      case LINE_PUBLICATION: take_publication(load, to, &line); break;
      case LINE_PUBLISHED: take_acknowledgement(load, to, line.number); break;
      case LINE_PING: send_small_frame(to, 0x81, "{}", 2); break;
      case LINE_OTHER: fail("connection %u got %.*s", to->id, (int)(line_end - at), (const char *)at);
    }
    at = line_end + 1;
  }
}

static void take_frame(struct load *load, struct connection *to, const uint8_t *frame, size_t header, size_t length) {
  const struct message_format *format = format_of(load, to);
  if (load->frames != NULL && frame[0] == 0xc1 && length > header) {
    to->received++;
    load->delivered++;
    return;
  }
  if (format->push_begin != NULL && frame[0] == 0x81) {
    take_lines(load, to, frame + header, length - header);
    return;
  }
  if (load->frames == NULL && length == format->server_header_length + format->length &&
      memcmp(frame, format->server_header, format->server_header_length) == 0) {
    if (!envelope_is_intact(format, frame + header)) fail("connection %u got a message in another envelope", to->id);
    take_message(load, to, frame + header + format->prefix);
    return;
  }
  if (frame[0] == 0x89) send_small_frame(to, 0x8a, frame + header, length - header);
  else if (frame[0] == 0x88)
    fail("the server closed connection %u with %d", to->id, length - header < 2 ? 1005 : frame[header] << 8 | frame[header + 1]);
  else if (frame[0] == 0x81 && load->options->is_socket_io && length == header + 1 && frame[header] == '2')
    send_small_frame(to, 0x81, "3", 1);
  else
    fail("connection %u got a frame of %zu bytes beginning with %02x where a message of %zu bytes was expected", to->id,
         length - header, frame[0], format->length);
}

static void keep_partial(struct connection *connection, const uint8_t *from, size_t length) {
  if (length > connection->partial_capacity) {
    connection->partial_capacity = length + 256;
    connection->partial = realloc(connection->partial, connection->partial_capacity);
  }
  if (length > 0) memcpy(connection->partial, from, length);
  connection->partial_length = length;
}

/* When the bytes came, as the kernel noted it: what waits for the generator to read is not the server's delay. */
static double arrival_time(struct msghdr *message) {
  struct cmsghdr *control = CMSG_FIRSTHDR(message);
  if (control == NULL || control->cmsg_type != SCM_TIMESTAMPNS) return wall_clock();
  struct timespec time;
  memcpy(&time, CMSG_DATA(control), sizeof time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static ssize_t receive(struct load *load, struct connection *connection, double *arrived) {
  size_t kept = connection->partial_length;
  if (load->timer < 0) return recv(connection->fd, load->buffer + kept, BUFFER_CAPACITY - kept, 0);
  uint8_t control[256];
  struct iovec part = {.iov_base = load->buffer + kept, .iov_len = BUFFER_CAPACITY - kept};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t count = recvmsg(connection->fd, &message, 0);
  if (count > 0) *arrived = arrival_time(&message);
  return count;
}

static void note_latencies(struct load *load, const struct connection *to, uint32_t first, double arrived,
                           struct result *result) {
  for (uint32_t number = first; number < to->expected[0]; number++)
    result->latencies[result->latency_count++] = arrived - load->sent_times[number % SENT_TIMES];
}

static void handle_readable(struct load *load, struct connection *connection, struct result *result) {
  double arrived = 0;
  memcpy(load->buffer, connection->partial, connection->partial_length);
  ssize_t count = receive(load, connection, &arrived);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) fail("the server ended connection %u", connection->id);
  bool is_timed = load->timer >= 0 && connection != load->publisher;
  uint32_t first = is_timed ? connection->expected[0] : 0;
  const uint8_t *at = load->buffer;
  size_t available = connection->partial_length + (size_t)count, header, length;
  while ((length = frame_length(at, available, &header)) > 0) {
    take_frame(load, connection, at, header, length);
    at += length;
    available -= length;
  }
  if (available == BUFFER_CAPACITY) fail("a frame is larger than %d bytes", BUFFER_CAPACITY);
  keep_partial(connection, at, available);
  if (is_timed && load->phase == TIMED) note_latencies(load, connection, first, arrived, result);
  bool has_all = connection->received == connection->sent &&
                 (load->options->channel == NULL || connection->acknowledged == connection->sent);
  if (load->publisher == NULL && has_all && may_send(load, connection)) send_batch(load, connection);
}

static void check_progress(const struct load *load, double time) {
  if (is_settled(load) || time - load->last_progress < load->options->stall) return;
  if (load->delivered == load->awaited)
    fail("nothing came for %g s although %llu publishes have no answer", load->options->stall, (unsigned long long)load->unacknowledged);
  fail("nothing came for %g s although messages are missing: %llu came, %llu were expected", load->options->stall,
       (unsigned long long)load->delivered, (unsigned long long)load->awaited);
}

/* One turn: waits for events and handles them. */
static void turn(struct load *load, struct result *result) {
  struct epoll_event events[MAX_EVENTS];
  int count = epoll_wait(load->epoll, events, MAX_EVENTS, 50);
  for (int i = 0; i < count; i++) {
    struct connection *connection = events[i].data.ptr;
    if (connection == NULL) {
      uint64_t ticks;
      if (read(load->timer, &ticks, sizeof ticks) > 0 && load->phase != VERIFY && load->phase != END)
        send_batch(load, load->publisher);
      continue;
    }
    if (events[i].events & EPOLLOUT) flush(load, connection);
    if (events[i].events & ~(uint32_t)EPOLLOUT) handle_readable(load, connection, result);
  }
  double time = now();
  if (count > 0) load->last_progress = time;
  if (load->publisher != NULL && is_settled(load) && may_send(load, load->publisher))
    send_batch(load, load->publisher);
  check_progress(load, time);
}

static void run_for(struct load *load, double seconds, struct result *result, FILE *listing) {
  double started = now(), next_line = started + 1;
  uint64_t delivered = load->delivered;
  for (double time = started; time < started + seconds; time = now()) {
    turn(load, result);
    if (listing == NULL || now() < next_line) continue;
    fprintf(listing, "%.0f %llu\n", next_line - started, (unsigned long long)(load->delivered - delivered));
    fflush(listing);
    next_line += 1;
  }
}

static void run_until_delivered(struct load *load, struct result *result) {
  load->last_progress = now();
  while (!is_settled(load)) turn(load, result);
}

static void read_frames(struct load *load, const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) fail("%s: %s", path, strerror(errno));
  size_t size = (size_t)status.st_size, at = 0;
  load->frames = malloc(size);
  if (read(fd, load->frames, size) != (ssize_t)size) fail("%s cannot be read", path);
  close(fd);
  load->frame_starts = malloc((size / 6 + 2) * sizeof *load->frame_starts);
  while (at < size) {
    load->frame_starts[load->frame_count++] = at;
    /* Client frames are masked, which frame_length refuses: look at one without its mask bit. */
    uint8_t head[10] = {0};
    memcpy(head, load->frames + at, size - at < sizeof head ? size - at : sizeof head);
    head[1] &= 0x7f;
    size_t length = head[1], header = 2;
    if (length == 126) length = (size_t)head[2] << 8 | head[3], header = 4;
    at += header + 4 + length;
  }
  if (at != size || load->frame_count == 0) fail("%s does not hold whole frames", path);
  load->frame_starts[load->frame_count] = size;
}

static int start_timer(const struct load *load, double rate) {
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct timespec period = {.tv_sec = (time_t)(1 / rate)};
  period.tv_nsec = (long)((1 / rate - (double)period.tv_sec) * 1e9);
  struct itimerspec setting = {.it_interval = period, .it_value = period};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (timer < 0 || timerfd_settime(timer, 0, &setting, NULL) != 0 ||
      epoll_ctl(load->epoll, EPOLL_CTL_ADD, timer, &event) != 0)
    fail("no timer: %s", strerror(errno));
  return timer;
}

static void open_members(struct load *load) {
  const struct options *options = load->options;
  load->member_count = options->connections;
  load->members = open_connections(options, load->member_count, 0, options->path);
  load->sender_count = load->member_count;
  if (options->publisher_path != NULL) {
    load->publisher = open_connections(options, 1, 0, options->publisher_path);
    load->sender_count = 1;
  }
  for (int i = 0; i < load->member_count; i++) {
    watch(load, &load->members[i], EPOLL_CTL_ADD, EPOLLIN);
    if (options->mode == MODE_TOPIC) load->members[i].expected = calloc((size_t)load->sender_count, sizeof(uint32_t));
  }
  if (load->publisher != NULL) watch(load, load->publisher, EPOLL_CTL_ADD, EPOLLIN);
  if (load->publisher != NULL && options->channel != NULL) load->publisher->expected = calloc(1, sizeof(uint32_t));
  load->silent = malloc((size_t)options->silent * sizeof *load->silent + 1);
  for (int i = 0; i < options->silent; i++) load->silent[i] = open_silent_connection(options);
}

static void prepare_messages(struct load *load) {
  const struct options *options = load->options;
  bool is_own = options->mode == MODE_ECHO && options->channel != NULL;
  int count = is_own ? load->member_count : 1;
  load->formats = malloc((size_t)count * sizeof *load->formats);
  format_init(load->formats, options, load->sender_count);
  for (int i = 1; i < count; i++) {
    load->formats[i] = load->formats[0];
    channel_format_init(&load->formats[i], options, (unsigned)i);
  }
  if (options->frames_file != NULL) {
    if (options->in_flight != 1 || options->mode != MODE_ECHO) fail("--frames goes with echo, one in flight");
    read_frames(load, options->frames_file);
    return;
  }
  for (int i = 0; i < load->sender_count; i++) {
    struct connection *sender = load->publisher != NULL ? load->publisher : &load->members[i];
    batch_init(format_of(load, sender), sender, options->in_flight);
  }
}

static void prepare_latencies(struct load *load, struct result *result) {
  const struct options *options = load->options;
  if (options->rate <= 0) return;
  if (load->publisher == NULL || options->in_flight != 1) fail("--rate goes with one publisher and one in flight");
  result->latencies = malloc((size_t)((options->seconds + 2) * (options->rate + 1)) * (size_t)load->member_count * sizeof(double));
  int on = 1;
  for (int i = 0; i < load->member_count; i++)
    setsockopt(load->members[i].fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

static void count_silent(const struct load *load, struct result *result) {
  if (load->options->silent == 0) return;
  result->silent_open = 0;
  double deadline = now() + 5;
  for (int i = 0; i < load->options->silent; i++) {
    double left = deadline - now();
    if (drain_silent_connection(load->silent[i], left > 0 ? left : 0) == 0) result->silent_open++;
  }
}

void run_web_socket_load(const struct options *options, struct result *result) {
  struct load load = {.options = options, .epoll = epoll_create1(EPOLL_CLOEXEC), .timer = -1, .buffer = malloc(BUFFER_CAPACITY)};
  if (options->connections > 65536) fail("at most 65,536 connections can be told apart");
  open_members(&load);
  prepare_messages(&load);
  load.phase = VERIFY;
  start_senders(&load);
  run_until_delivered(&load, result);
  result->verified = load.delivered;

  prepare_latencies(&load, result);
  load.phase = WARM_UP;
  if (options->rate > 0) load.timer = start_timer(&load, options->rate);
  start_senders(&load);
  run_for(&load, options->warm_up, result, NULL);
  FILE *listing = options->listing == NULL ? NULL : fopen(options->listing, "w");
  load.phase = TIMED;
  uint64_t delivered = load.delivered;
  struct meter meter;
  meter_start(&meter, options->server);
  run_for(&load, options->seconds, result, listing);
  meter_stop(&meter, result);
  result->messages = load.delivered - delivered;
  load.phase = END;
  run_until_delivered(&load, result);
  count_silent(&load, result);
}
