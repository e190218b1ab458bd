#include "generator.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double read_clock(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double now(void) { return read_clock(CLOCK_MONOTONIC); }

double wall_clock(void) { return read_clock(CLOCK_REALTIME); }

double own_cpu_seconds(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

/* Time of all threads in user and kernel mode, see proc(5). */
double process_cpu_seconds(pid_t process) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
  FILE *file = fopen(path, "r");
  if (file == NULL) return -1;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  const char *after_name = strrchr(text, ')');
  unsigned long user, system;
  if (after_name == NULL ||
      sscanf(after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
    return -1;
  return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

void meter_start(struct meter *meter, pid_t server) {
  meter->process = server;
  meter->server = server > 0 ? process_cpu_seconds(server) : -1;
  meter->own = own_cpu_seconds();
  meter->started = now();
}

void meter_stop(const struct meter *meter, struct result *result) {
  result->seconds = now() - meter->started;
  result->generator_cpu = (own_cpu_seconds() - meter->own) / result->seconds;
  double server = meter->process > 0 ? process_cpu_seconds(meter->process) : -1;
  result->server_cpu = server < 0 || meter->server < 0 ? -1 : (server - meter->server) / result->seconds;
}
