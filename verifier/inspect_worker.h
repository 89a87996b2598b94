/* The inspector from inside: for inspect_queue.c, which hands files to several processes, and for
 * tests with another piece of work in it, of what happens when that crashes, hangs or lies.
 * Everybody else uses inspect.h. */
#pragma once

#include "verifier/inspect.h"
#include "verifier/inspect_record.h"
#include "verifier/worker.h"

/* The most processes of one inspector. */
#define INSPECTOR_PROCESSES 8

/* Fills RECORD from the file FD; runs in the confined process. */
typedef void inspect_work(int fd, unsigned what, struct arena *arena,
                          struct inspect_record *record);

struct inspector {
    inspect_work *work;
    unsigned what;  /* enum inspect_what */
    bool libraries; /* the processes have them though no digest is wanted */
    bool last;      /* what is under way, or comes next, is the last */
    unsigned seconds;
    struct worker *workers[INSPECTOR_PROCESSES];
    size_t worker_count; /* never 0 */
};

/* As inspector_open. A request may take SECONDS, and a second more for each LIMIT_INSPECT_RATE
 * bytes. */
CHECKED bool inspector_open_with(inspect_work *work, unsigned what, unsigned seconds,
                                 struct inspector **ret, struct error *err);

/* Adds a process, of which there must be fewer than INSPECTOR_PROCESSES. */
CHECKED bool inspector_start(struct inspector *inspector, struct error *err);

/* The hashes in a Mach-O file's signature tell whose it is, whether or not the file's own digest is
 * wanted, and headers of the other byte order are libelf's to translate: true if the processes have
 * still to be given the libraries for the file that begins with HEAD. Nothing may be under way
 * while they are. */
bool inspector_needs_libraries(const struct inspector *inspector, const struct source *head);
void inspector_want_libraries(struct inspector *inspector);

/* Asks for the record of one file; LAST: nothing else is asked of WORKER. */
CHECKED bool inspector_ask(struct worker *worker, int fd, bool last, struct arena *arena,
                           struct inspect_record *ret, struct error *err);

/* All is sent: if it was the last, the processes end once they have answered. */
void inspector_sent(struct inspector *inspector);

/* Takes an answer about COUNT files apart; ERROR_FORMAT if it is not exactly that. */
CHECKED bool inspector_decode(struct bytes answer, size_t count, struct arena *arena,
                              struct inspect_record *ret, struct error *err);

/* Names what RECORD says of the file NAME. */
void inspector_name(struct inspect_record *record, const char *name, struct arena *arena);
