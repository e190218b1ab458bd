#include "generator.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

enum option_name {
  OPT_PORT = 1, OPT_PATH, OPT_PUBLISHER_PATH, OPT_EXTENSIONS, OPT_FRAMES, OPT_CHANNEL, OPT_LISTING, OPT_CONNECTIONS, OPT_SILENT,
  OPT_IN_FLIGHT, OPT_SIZE, OPT_VERIFIED, OPT_WARM_UP, OPT_SECONDS, OPT_STALL, OPT_RATE, OPT_SERVER, OPT_BINARY,
  OPT_SOCKET_IO, OPT_KEYS,
};

static const struct option OPTIONS[] = {
    {"port", required_argument, NULL, OPT_PORT},
    {"path", required_argument, NULL, OPT_PATH},
    {"publisher-path", required_argument, NULL, OPT_PUBLISHER_PATH},
    {"extensions", required_argument, NULL, OPT_EXTENSIONS},
    {"frames", required_argument, NULL, OPT_FRAMES},
    {"channel", required_argument, NULL, OPT_CHANNEL},
    {"listing", required_argument, NULL, OPT_LISTING},
    {"connections", required_argument, NULL, OPT_CONNECTIONS},
    {"silent", required_argument, NULL, OPT_SILENT},
    {"in-flight", required_argument, NULL, OPT_IN_FLIGHT},
    {"size", required_argument, NULL, OPT_SIZE},
    {"verified", required_argument, NULL, OPT_VERIFIED},
    {"warm-up", required_argument, NULL, OPT_WARM_UP},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"stall", required_argument, NULL, OPT_STALL},
    {"rate", required_argument, NULL, OPT_RATE},
    {"server", required_argument, NULL, OPT_SERVER},
    {"binary", no_argument, NULL, OPT_BINARY},
    {"socket-io", no_argument, NULL, OPT_SOCKET_IO},
    {"keys", no_argument, NULL, OPT_KEYS},
    {NULL, 0, NULL, 0},
};

static double number(const char *text, double least) {
  char *end;
  double value = strtod(text, &end);
  if (*text == '\0' || *end != '\0' || !(value >= least) || value > 1e9) fail("%s: a number from %g on was expected", text, least);
  return value;
}

static void read_option(struct options *options, int name) {
  switch ((enum option_name)name) {
    case OPT_PORT: options->port = (int)number(optarg, 1); return;
    case OPT_PATH: options->path = optarg; return;
    case OPT_PUBLISHER_PATH: options->publisher_path = optarg; return;
    case OPT_EXTENSIONS: options->extensions = optarg; return;
    case OPT_FRAMES: options->frames_file = optarg; return;
    case OPT_CHANNEL: options->channel = optarg; return;
    case OPT_LISTING: options->listing = optarg; return;
    case OPT_CONNECTIONS: options->connections = (int)number(optarg, 1); return;
    case OPT_SILENT: options->silent = (int)number(optarg, 0); return;
    case OPT_IN_FLIGHT: options->in_flight = (int)number(optarg, 1); return;
    case OPT_SIZE: options->size = (size_t)number(optarg, NUMBERS_LENGTH); return;
    case OPT_VERIFIED: options->verified = (long)number(optarg, 0); return;
    case OPT_WARM_UP: options->warm_up = number(optarg, 0); return;
    case OPT_SECONDS: options->seconds = number(optarg, 0); return;
    case OPT_STALL: options->stall = number(optarg, 0.01); return;
    case OPT_RATE: options->rate = number(optarg, 0); return;
    case OPT_SERVER: options->server = (pid_t)number(optarg, 1); return;
    case OPT_BINARY: options->is_binary = true; return;
    case OPT_SOCKET_IO: options->is_socket_io = true; return;
    case OPT_KEYS: options->has_keys = true; return;
  }
  fail("an unknown option");
}

static enum mode read_mode(const char *name) {
  if (strcmp(name, "echo") == 0) return MODE_ECHO;
  if (strcmp(name, "topic") == 0) return MODE_TOPIC;
  if (strcmp(name, "http") == 0) return MODE_HTTP;
  if (strcmp(name, "idle") == 0) return MODE_IDLE;
  fail("%s: echo, topic, http or idle was expected", name);
}

static struct options read_options(int count, char **arguments) {
  struct options options = {.path = "/", .connections = 1, .in_flight = 1, .size = 32, .verified = 64,
                            .warm_up = 0.5, .seconds = 2, .stall = 10};
  if (count < 2) fail("a mode was expected: echo, topic, http or idle");
  options.mode = read_mode(arguments[1]);
  optind = 2;
  for (int name; (name = getopt_long(count, arguments, "", OPTIONS, NULL)) != -1;) read_option(&options, name);
  if (optind < count) fail("%s: only options were expected", arguments[optind]);
  if (options.port == 0) fail("--port was expected");
  if (options.channel != NULL && (options.mode == MODE_HTTP || options.is_socket_io || options.is_binary))
    fail("--channel goes with text, echo, topic or idle");
  if (options.has_keys && (options.channel == NULL || options.mode != MODE_ECHO)) fail("--keys goes with --channel and echo");
  /* A batch is verified as a whole or not at all. */
  long rest = options.verified % options.in_flight;
  if (rest > 0) options.verified += options.in_flight - rest;
  return options;
}

static int compare_doubles(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static void print_result(struct result *result) {
  printf("{\"messages\":%llu,\"verified\":%llu,\"seconds\":%.6f,\"generatorCpu\":%.4f", (unsigned long long)result->messages,
         (unsigned long long)result->verified, result->seconds, result->generator_cpu);
  if (result->server_cpu >= 0) printf(",\"serverCpu\":%.4f", result->server_cpu);
  if (result->silent_open >= 0) printf(",\"silentOpen\":%d", result->silent_open);
  if (result->latency_count > 0) {
    size_t count = result->latency_count;
    qsort(result->latencies, count, sizeof *result->latencies, compare_doubles);
    printf(",\"latencyMs\":{\"p50\":%.4f,\"p99\":%.4f,\"max\":%.4f}", result->latencies[count / 2] * 1e3,
           result->latencies[count * 99 / 100] * 1e3, result->latencies[count - 1] * 1e3);
  }
  puts("}");
}

int main(int count, char **arguments) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  struct options options = read_options(count, arguments);
  struct result result = {.server_cpu = -1, .silent_open = -1};
  switch (options.mode) {
    case MODE_IDLE: hold_connections(&options); return 0;
    case MODE_HTTP: run_http_load(&options, &result); break;
    case MODE_ECHO:
    case MODE_TOPIC: run_web_socket_load(&options, &result); break;
  }
  print_result(&result);
  return 0;
}
