/*
 * The limit: the least cost of any server on this kernel. Holds streams, and for each POST calls
 * send() once for each stream with the bytes of the body. It keeps no partial writes and no state,
 * and reads nothing after the request. Prints its port when it listens.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_STREAMS 19000
#define MAX_DESCRIPTORS 65536
#define MAX_EVENTS 512
#define MAX_REQUEST_BYTES 8192
#define BACKLOG 4096

static const char HEAD[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
static const char TAKEN[] = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

static int streams[MAX_STREAMS];
static int count;
/* The index of a descriptor among the streams, plus one. */
static int place_of[MAX_DESCRIPTORS];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* epoll reports a stream that has ended. */
static void publish(const char *frame, size_t length) {
  for (int i = 0; i < count; i++) send(streams[i], frame, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void add(int fd) {
  if (count == MAX_STREAMS || fd >= MAX_DESCRIPTORS) fail("too many streams");
  streams[count++] = fd;
  place_of[fd] = count;
}

static void end(int fd) {
  int at = place_of[fd] - 1;
  if (at >= 0) {
    streams[at] = streams[--count];
    place_of[streams[at]] = at + 1;
    place_of[fd] = 0;
  }
  close(fd);
}

/* The bench's client sends a request in one packet. */
static void answer(int fd) {
  static char request[MAX_REQUEST_BYTES + 1];
  ssize_t n = recv(fd, request, MAX_REQUEST_BYTES, 0);
  if (n <= 0) {
    end(fd);
    return;
  }
  request[n] = 0;
  char *body = strstr(request, "\r\n\r\n");
  if (!body) fail("a request in pieces");
  if (memcmp(request, "POST", 4) == 0) {
    publish(body + 4, (size_t)(request + n - body - 4));
    send(fd, TAKEN, sizeof TAKEN - 1, MSG_NOSIGNAL);
    return;
  }
  send(fd, HEAD, sizeof HEAD - 1, MSG_NOSIGNAL);
  add(fd);
}

static void accept_all(int epoll, int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) return;
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0) fail("bind");
  if (listen(fd, BACKLOG) < 0) fail("listen");
  return fd;
}

int main(int argc, char **argv) {
  static struct epoll_event events[MAX_EVENTS];
  int listener = listen_on(argc > 1 ? atoi(argv[1]) : 0);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  signal(SIGPIPE, SIG_IGN);
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int n = epoll_wait(epoll, events, MAX_EVENTS, -1);
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == listener) accept_all(epoll, listener);
      else answer(events[i].data.fd);
    }
  }
}
