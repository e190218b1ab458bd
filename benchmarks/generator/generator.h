/*
 * Load generator for WebSocket and HTTP/1.1 servers on 127.0.0.1.
 *
 * Every message carries the number of its sender and its own number, and everything that comes back is compared with what was
 * sent, before the timing and during it. It ends with status 1 and a sentence when a message is altered, lost, doubled or
 * out of order, otherwise with a line of JSON.
 */
#ifndef GENERATOR_H
#define GENERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum mode { MODE_ECHO, MODE_TOPIC, MODE_HTTP, MODE_IDLE };

struct options {
  enum mode mode;
  int port;
  const char *path;           /* where connections open their WebSockets, or the beginning of the path of GET requests */
  const char *publisher_path; /* topic: one connection opened here publishes; without it all connections do */
  const char *extensions;     /* offered in the handshake, and required in the answer */
  const char *frames_file;    /* echo: complete client frames to send instead of numbered messages; answers are counted only */
  const char *channel;        /* topic, idle: connections speak the protocol of channels, and subscribe to this one;
                                 echo: each subscribes to one of its own, this name with its number behind a slash */
  const char *listing;        /* topic: file that gets a line per second of run time: seconds, messages */
  int connections;
  int silent;     /* topic: further subscribers that never read */
  int in_flight;  /* messages that one sender has outstanding; sent in one write, the next ones when all are back */
  size_t size;    /* bytes of a message */
  long verified;  /* messages of each sender, before any timing, that are all different in every byte */
  double warm_up; /* seconds */
  double seconds; /* seconds that count */
  double stall;   /* seconds without progress after which messages are lost */
  double rate;    /* topic with one publisher: messages per second, whatever is outstanding; 0 for as many as possible */
  pid_t server;   /* whose processor time is told */
  bool is_binary;
  bool is_socket_io;
  bool has_keys; /* echo on channels: each publish has an idempotency key */
};

/* One connection, blocking until its handshake is done. */
struct connection {
  int fd;
  unsigned id;
  uint32_t sent;     /* messages given to the kernel, or about to be; number of the next one */
  uint32_t received; /* own messages that came back */
  uint32_t acknowledged; /* channels: publishes that were answered */
  uint64_t offset;       /* channels: place of the last publication in the stream */
  uint8_t *batch;    /* what is sent in one write */
  size_t batch_length;
  size_t batch_offset; /* bytes the kernel took */
  bool is_writing;     /* waits for the kernel to take more */
  uint8_t *partial;    /* beginning of a frame whose end has not come yet */
  size_t partial_length;
  size_t partial_capacity;
  uint32_t *expected; /* topic: number of the next message by sender */
  uint8_t mask[4];
};

/* What a run measured. */
struct result {
  uint64_t messages;
  uint64_t verified;
  double seconds;
  double server_cpu;    /* share of one core; negative when unknown */
  double generator_cpu; /* share of one core */
  double *latencies;    /* seconds, not sorted; or NULL */
  size_t latency_count;
  int silent_open; /* silent connections that the server had not ended; -1 when there are none */
};

/* connection.c */
struct connection *open_connections(const struct options *options, int count, unsigned first_id, const char *path);
int open_silent_connection(const struct options *options);
void open_web_socket(const struct options *options, struct connection *connection, const char *path);
int connect_to_server(const struct options *options, bool is_silent);
void set_non_blocking(int fd);
int drain_silent_connection(int fd, double seconds);

/* frame.c */
size_t put_client_header(uint8_t *to, uint8_t first_byte, size_t length, const uint8_t mask[4]);
size_t put_server_header(uint8_t *to, uint8_t first_byte, size_t length);
/* Length of the whole frame at `from`, 0 while it is not all there. */
size_t frame_length(const uint8_t *from, size_t available, size_t *header_length);
/* Sends a short frame at once; for handshakes and control frames. */
void send_small_frame(const struct connection *connection, uint8_t first_byte, const void *payload, size_t length);

/* message.c */
struct message_format {
  size_t size;       /* of the message */
  size_t length;     /* of the payload, with the envelope that Socket.IO or a channel puts around the message */
  size_t prefix;     /* bytes before the message */
  uint8_t server_header[10];
  size_t server_header_length;
  size_t client_header_length;
  bool is_binary;
  const char *envelope_begin, *envelope_end; /* what a client puts around the message */
  /* Channels: how pushes of the server begin, up to the offset; otherwise the server's envelope is the client's. */
  const char *push_begin;
  size_t push_begin_length;
  size_t key_at; /* where the idempotency key of a publish ends with its number; 0 without keys */
  uint32_t verified;
  uint8_t **fillers; /* of each sender, what follows the numbers in messages that are not verified */
};
#define NUMBERS_LENGTH 12
void format_init(struct message_format *format, const struct options *options, int senders);
void batch_init(const struct message_format *format, struct connection *sender, int in_flight);
/* Numbers the messages of the batch from `sender->sent` on. */
void batch_number(const struct message_format *format, struct connection *sender, int in_flight);
/* Which sender a message claims to be from. */
unsigned message_sender(const uint8_t *message);
uint32_t message_number(const uint8_t *message);
/* Whether every byte but the numbers is as the sender wrote it. */
bool message_is_intact(const struct message_format *format, const uint8_t *message, unsigned sender, uint32_t number);
bool envelope_is_intact(const struct message_format *format, const uint8_t *payload);

/* channel.c */
enum line_kind { LINE_PUBLICATION, LINE_PUBLISHED, LINE_PING, LINE_OTHER };
/* One line of a frame of the server. */
struct channel_line {
  enum line_kind kind;
  const uint8_t *message; /* publication: of the size that was sent */
  uint64_t offset;
  uint32_t number; /* published: of the message that is acknowledged */
};
enum { CHANNEL_NAME_CAPACITY = 256 };
/* Name of the channel of a connection. */
void put_channel_name(char to[CHANNEL_NAME_CAPACITY], const struct options *options, unsigned connection);
/* Of one connection, as all the others but for what tells its channel and its keys apart. */
void channel_format_init(struct message_format *format, const struct options *options, unsigned connection);
/* Writes the id of the publish command of a message and the number of its key, masked. */
void channel_number(const struct message_format *format, uint8_t *payload, uint32_t number, const uint8_t mask[4]);
void read_channel_line(const struct message_format *format, const uint8_t *line, size_t length, struct channel_line *read);
size_t put_subscribe_command(char *to, size_t capacity, const char *channel);

/* clock.c */
double now(void);
double wall_clock(void);
double own_cpu_seconds(void);
double process_cpu_seconds(pid_t process);
struct meter {
  double started, own, server;
  pid_t process;
};
void meter_start(struct meter *meter, pid_t server);
void meter_stop(const struct meter *meter, struct result *result);

/* main.c */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* idle.c, web-socket-load.c, http-load.c */
void hold_connections(const struct options *options);
void run_web_socket_load(const struct options *options, struct result *result);
void run_http_load(const struct options *options, struct result *result);

#endif
