// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/parallel.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS_MAXIMUM 64

struct crew {
    parallel_work *work;
    void *context;
    size_t count;
    atomic_size_t next;
    atomic_bool failed;
    pthread_mutex_t mutex; /* guards what follows */
    size_t failed_index;
    struct error error;
};

static void note_failure(struct crew *crew, size_t index, const struct error *err)
{
    pthread_mutex_lock(&crew->mutex);
    if (!atomic_load(&crew->failed) || index < crew->failed_index) {
        crew->failed_index = index;
        crew->error = *err;
        atomic_store(&crew->failed, true);
    }
    pthread_mutex_unlock(&crew->mutex);
}

static void *run_worker(void *argument)
{
    struct crew *crew = argument;
    while (!atomic_load(&crew->failed)) {
        size_t index = atomic_fetch_add(&crew->next, 1);
        struct error err = {0};
        if (index >= crew->count) {
            break;
        }
        if (!crew->work(crew->context, index, &err)) {
            note_failure(crew, index, &err);
        }
    }
    return NULL;
}

bool parallel_run(unsigned jobs, size_t count, parallel_work *work, void *context,
                  struct error *err)
{
    struct crew crew = {.work = work, .context = context, .count = count};
    pthread_mutex_init(&crew.mutex, NULL);
    pthread_t threads[THREADS_MAXIMUM];
    size_t started = 0;
    size_t wanted = jobs < count ? jobs : count;
    /* Fewer threads than wanted only make it slower. */
    while (started + 1 < wanted && started < THREADS_MAXIMUM &&
           pthread_create(&threads[started], NULL, run_worker, &crew) == 0) {
        started++;
    }
    run_worker(&crew);
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_mutex_destroy(&crew.mutex);
    if (atomic_load(&crew.failed) && err != NULL) {
        *err = crew.error;
    }
    return !atomic_load(&crew.failed);
}
