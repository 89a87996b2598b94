// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The one piece of process-wide state: a signal handler can reach nothing else. */
static volatile sig_atomic_t arrived;
static int wake[2] = {-1, -1};

static void on_signal(int number)
{
    int kept = errno;
    arrived = number;
    ssize_t ignored = write(wake[1], "", 1);
    (void)ignored;
    errno = kept;
}

void interrupt_install(void)
{
    if (wake[0] >= 0 || pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0) {
        return;
    }
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct sigaction before;
        /* nohup and background jobs have told us already that they do not want these. */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &action, NULL);
        }
    }
    signal(SIGPIPE, SIG_IGN);
}

void interrupt_renew(void)
{
    if (wake[0] >= 0) {
        close(wake[0]);
        close(wake[1]);
        wake[0] = wake[1] = -1;
        interrupt_install();
    }
}

int interrupt_signal(void)
{
    return arrived;
}

int interrupt_fd(void)
{
    return wake[0];
}

bool interrupt_check(struct error *err)
{
    if (arrived != 0) {
        return error_set(err, ERROR_INTERRUPTED, "stopped by signal %d (%s)", (int)arrived,
                         strsignal(arrived));
    }
    return true;
}
