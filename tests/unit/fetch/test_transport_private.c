// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/transport.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/fetch/lying_server.h"

/* An address for documentation (RFC 5737): outside, as far as anybody can tell. */
#define OUTSIDE "198.51.100.1"

static bool raise_interface(int fd, const char *name, const char *address)
{
    struct ifreq request = {0};
    struct sockaddr_in in = {.sin_family = AF_INET};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    if (address != NULL) {
        inet_pton(AF_INET, address, &in.sin_addr);
        memcpy(&request.ifr_addr, &in, sizeof(in));
        if (ioctl(fd, SIOCSIFADDR, &request) != 0) {
            return false;
        }
    }
    if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) {
        return false;
    }
    request.ifr_flags |= IFF_UP;
    return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}

/* A network of our own, where this machine has an address outside too. */
static bool make_network(void)
{
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
        return false;
    }
    AUTO_FD int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && raise_interface(fd, "lo", NULL) && raise_interface(fd, "lo:1", OUTSIDE);
}

static bool have_network;
static struct lying_server server;

static struct transfer redirected(const char *from, const char *to)
{
    static struct buffer body;
    char base[64], path[160];
    buffer_free(&body);
    buffer_init(&body, 64);
    snprintf(base, sizeof(base), "http://%s:%u", from, server.port);
    snprintf(path, sizeof(path), "/lie/redirect:http:%%2F%%2F%s:%u%%2Flie%%2Fok:inside%%2F%s/x", to,
             server.port, from);
    return get_once(base, path, 64, &body);
}

static void nobody_outside_steers_us_inside(void **state)
{
    (void)state;
    if (!have_network) {
        skip();
    }
    struct transfer transfer = redirected(OUTSIDE, "127.0.0.1");
    assert_false(transfer.ok);
    assert_int_equal(transfer.error.code, ERROR_NETWORK);
    assert_non_null(strstr(transfer.error.message, "private address"));
    transfer = redirected(OUTSIDE, "[::ffff:127.0.0.1]");
    assert_false(transfer.ok);
    transfer = redirected(OUTSIDE, "0x7f.1");
    assert_false(transfer.ok);
    char *log = lying_server_ask(&server, "/control/log");
    assert_null(strstr(log, "/lie/ok:inside/" OUTSIDE "\""));
    free(log);
}

static void outside_may_steer_outside_and_inside_anywhere(void **state)
{
    (void)state;
    if (!have_network) {
        skip();
    }
    struct transfer transfer = redirected(OUTSIDE, OUTSIDE);
    assert_true(transfer.ok);
    transfer = redirected("127.0.0.1", OUTSIDE);
    assert_true(transfer.ok);
    transfer = redirected("127.0.0.1", "127.0.0.1");
    assert_true(transfer.ok);
}

static void a_connection_that_is_open_already_makes_no_difference(void **state)
{
    (void)state;
    if (!have_network) {
        skip();
    }
    struct transport_settings settings = impatient();
    struct transport *transport;
    struct error err = {0};
    struct buffer bodies[2];
    char urls[2][192];
    struct transfer transfers[2];
    snprintf(urls[0], sizeof(urls[0]), "http://127.0.0.1:%u/lie/ok:mine/x", server.port);
    snprintf(urls[1], sizeof(urls[1]),
             "http://" OUTSIDE
             ":%u/lie/redirect:http:%%2F%%2F127.0.0.1:%u%%2Flie%%2Fok:mine%%2Fx/x",
             server.port, server.port);
    for (size_t i = 0; i < 2; i++) {
        buffer_init(&bodies[i], 64);
        transfers[i] = (struct transfer){
            .url = urls[i], .maximum = 64, .allow_http = true, .fd = -1, .body = &bodies[i]};
    }
    assert_true(transport_open(&settings, &transport, &err));
    assert_true(transport_run(transport, &transfers[0], 1, NULL, NULL, &err));
    assert_true(transport_run(transport, &transfers[1], 1, NULL, NULL, &err));
    assert_true(transfers[0].ok);
    assert_false(transfers[1].ok);
    transport_free(&transport);
    buffer_free(&bodies[0]);
    buffer_free(&bodies[1]);
}

static int start_server(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--address", "0.0.0.0", NULL};
    have_network = make_network();
    if (have_network) {
        lying_server_start(arguments, &server);
    }
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    if (have_network) {
        lying_server_stop(&server);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_outside_steers_us_inside),
        cmocka_unit_test(outside_may_steer_outside_and_inside_anywhere),
        cmocka_unit_test(a_connection_that_is_open_already_makes_no_difference),
    };
    signal(SIGPIPE, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
