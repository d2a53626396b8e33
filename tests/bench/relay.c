// A bare relay of Ethernet frames, to compare with: what a LAN through programs costs before anything is done with a frame.
//
//   relay end TAP HOST PORT    joins a tap of this name to a hub; whoever starts it sets the tap up
//   relay hub PORT             takes two connections and passes the bytes of each to the other
//
// It reads super-frames from the tap (IFF_VNET_HDR with TSO) and sends them in batches: all that waits in the tap with one send, all that waits
// in a socket with one receive. On the wire each frame, with its virtio_net_hdr, follows its length in four bytes. That is all: there is no
// switch, no WebSocket, no mask, no check of a frame, no bound but the kernel's, and no second connection after the first.
//
// It is made to be fast and for nothing else; what was tried for that is said at the sizes below.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// A length, and the longest frame that the kernel makes, with its virtio_net_hdr and VLAN tags.
enum { LENGTH = 4, MAX_FRAME = 10 + 14 + 8 + 65536 };

// From so many bytes on a batch is sent, and no receive brings more. Of 32, 64, 128 and 256 KiB and 1 MiB none was faster; with 64 KiB a gigabyte
// cost least, for what is sent next is then still in the processor's second cache. TCP_NOTSENT_LOWAT changed neither; TCP_NODELAY is set.
enum { BATCH = 64 * 1024, BUFFER = BATCH + LENGTH + MAX_FRAME };

struct way {
    int from, to;
};

static void fail(const char *what)
{
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static char *buffer(void)
{
    char *memory = malloc(BUFFER);
    if (!memory) fail("memory");
    return memory;
}

// Whoever loses the other side has nothing left to do.
static size_t receive(int socket, char *to, size_t room)
{
    ssize_t received;
    while ((received = recv(socket, to, room, 0)) < 0 && errno == EINTR) {}
    if (received < 0) fail("receive");
    if (received == 0) exit(0);
    return (size_t)received;
}

static void send_all(int socket, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(socket, data, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) fail("send");
        if (sent > 0) {
            data += sent;
            length -= (size_t)sent;
        }
    }
}

// From the tap to the socket: drain, send once, wait.
static _Noreturn void *up(void *argument)
{
    struct way way = *(struct way *)argument;
    char *batch = buffer();
    for (;;) {
        size_t length = 0;
        ssize_t read_now = 0;
        while (length < BATCH && (read_now = read(way.from, batch + length + LENGTH, MAX_FRAME)) > 0) {
            uint32_t frame = (uint32_t)read_now;
            memcpy(batch + length, &frame, LENGTH);
            length += LENGTH + frame;
        }
        if (length > 0) send_all(way.to, batch, length);
        if (read_now > 0) continue;
        if (read_now == 0 || (errno != EAGAIN && errno != EINTR)) fail("read from the tap");
        struct pollfd tap = {.fd = way.from, .events = POLLIN};
        poll(&tap, 1, -1);
    }
}

// From the socket to the tap: receive once, write each whole frame, keep what is left of the last. What the tap does not take is lost, as on any Ethernet.
static _Noreturn void *down(void *argument)
{
    struct way way = *(struct way *)argument;
    char *bytes = buffer();
    size_t start = 0, end = 0;
    for (;;) {
        end += receive(way.from, bytes + end, BATCH);
        while (end - start >= LENGTH) {
            uint32_t frame;
            memcpy(&frame, bytes + start, LENGTH);
            if (frame > MAX_FRAME) {
                errno = EPROTO;
                fail("length of a frame");
            }
            if (end - start - LENGTH < frame) break;
            if (write(way.to, bytes + start + LENGTH, frame) < 0 && errno == EBADFD) fail("write to the tap");
            start += LENGTH + frame;
        }
        // What is left is moved only where the rest of it would not fit in behind.
        if (start == end) {
            start = end = 0;
        } else if (BUFFER - end < BATCH) {
            memmove(bytes, bytes + start, end - start);
            end -= start;
            start = 0;
        }
    }
}

// From one socket to the other: bytes.
static _Noreturn void *pass(void *argument)
{
    struct way way = *(struct way *)argument;
    char *bytes = buffer();
    for (;;) send_all(way.to, bytes, receive(way.from, bytes, BATCH));
}

static void run(void *(*first)(void *), struct way *there, void *(*second)(void *), struct way *back)
{
    pthread_t thread;
    errno = pthread_create(&thread, NULL, first, there);
    if (errno != 0) fail("thread");
    second(back);
}

static int open_tap(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    if (strlen(name) >= IFNAMSIZ) {
        errno = EINVAL;
        fail(name);
    }
    strcpy(request.ifr_name, name);
    int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap < 0) fail("/dev/net/tun");
    if (ioctl(tap, TUNSETIFF, &request) < 0) fail(name);
    if (ioctl(tap, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0) fail("offload");
    return tap;
}

static int tuned(int socket)
{
    int yes = 1;
    if (setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) < 0) fail("TCP_NODELAY");
    return socket;
}

static int connect_to(const char *host, const char *port)
{
    struct addrinfo kind = {.ai_socktype = SOCK_STREAM}, *found;
    int error = getaddrinfo(host, port, &kind, &found);
    if (error != 0) {
        fprintf(stderr, "relay: %s: %s\n", host, gai_strerror(error));
        exit(1);
    }
    int connection = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0 || connect(connection, found->ai_addr, found->ai_addrlen) < 0) fail(host);
    freeaddrinfo(found);
    return tuned(connection);
}

static void take_two(const char *port, int connections[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0) fail("listener");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 2) < 0) fail(port);
    for (int i = 0; i < 2; i++) {
        connections[i] = accept(listener, NULL, NULL);
        if (connections[i] < 0) fail("accept");
        tuned(connections[i]);
    }
    close(listener);
}

int main(int count, char **words)
{
    if (count == 5 && strcmp(words[1], "end") == 0) {
        int tap = open_tap(words[2]), hub = connect_to(words[3], words[4]);
        run(up, &(struct way){tap, hub}, down, &(struct way){hub, tap});
    } else if (count == 3 && strcmp(words[1], "hub") == 0) {
        int ends[2];
        take_two(words[2], ends);
        run(pass, &(struct way){ends[0], ends[1]}, pass, &(struct way){ends[1], ends[0]});
    }
    fprintf(stderr, "usage: relay end TAP HOST PORT | relay hub PORT\n");
    return 2;
}
