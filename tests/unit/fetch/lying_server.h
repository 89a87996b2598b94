/* tests/server/server.py as a child of a test, and a transport whose patience is short. */
#pragma once

#include "tests/unit/unit.h"
#include "verifier/fetch/transport.h"

struct lying_server {
    pid_t pid;
    int keep; /* it ends when this is closed */
    unsigned port;
    char base[64]; /* "http://127.0.0.1:PORT" */
};

/* ARGUMENTS is NULL-terminated and may be NULL. */
void lying_server_start(const char *const *arguments, struct lying_server *ret);
void lying_server_stop(struct lying_server *server);

/* What GET PATH answers, by a transport of its own; heap, NUL-terminated. */
char *lying_server_ask(const struct lying_server *server, const char *path);

/* Runs a program found on PATH to its end; false unless it exits with 0. */
bool run_program(const char *const *argv);

/* Makes the files CERTIFICATE and KEY, good for "localhost" alone, not for 127.0.0.1; false where
 * there is no openssl. */
bool lying_server_certificate(const char *certificate, const char *key);
/* Makes FOLDER/other.pem and FOLDER/other.key, valid from FROM until UNTIL (YYYYMMDDHHMMSSZ); false
 * where openssl cannot. */
bool lying_server_dated_certificate(const char *folder, const char *from, const char *until);

/* The helper of this build; "" in front of which nothing is. */
const char *helper_path(void);

/* Two seconds here are half a minute there; less would fail on a busy machine. */
struct transport_settings impatient(void);

/* One get of BASE PATH into BODY with a fresh transport of impatient settings. */
struct transfer get_once(const char *base, const char *path, uint64_t maximum, struct buffer *body);
