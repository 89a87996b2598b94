/* Signals that ask us to stop (SIGINT, SIGTERM, SIGHUP), as a flag and a descriptor to poll.
 *
 * Nothing happens inside the handler. Long waits poll interrupt_fd() beside what they wait for and
 * end with ERROR_INTERRUPTED; the stack unwinds as for any error, so everything is cleaned up; main
 * then dies of the same signal. SIGPIPE is ignored. */
#pragma once

#include "base/error.h"

void interrupt_install(void);
/* In a child that goes on as a process of its own: a descriptor that the parent does not share. */
void interrupt_renew(void);
/* The signal that arrived, 0 if none did. */
int interrupt_signal(void);
/* Readable once a signal has arrived; -1 before interrupt_install. */
int interrupt_fd(void);
/* Sets ERROR_INTERRUPTED and returns false if a signal arrived. */
CHECKED bool interrupt_check(struct error *err);
