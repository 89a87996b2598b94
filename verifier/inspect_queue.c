// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "verifier/image/image_fat.h"
#include "verifier/inspect_worker.h"

/* Of each process: one batch that it works on and one that waits, so that it never has to. */
#define BATCHES_OF_PROCESS 2
#define MOST_BATCHES (INSPECTOR_PROCESSES * BATCHES_OF_PROCESS)
/* Where files are read whole, a batch shall not keep one process busy while the others wait. */
#define BATCH_BYTES (32 * MIB)
/* What is looked at to see whether a file begins as an executable. */
#define HEAD_LEN 16

/* Files that one process is handed together: a request for each would cost more in waking one
 * another than most files do. */
struct batch {
    int fds[WORKER_FILES];
    const char *names[WORKER_FILES];
    size_t count;
    uint64_t bytes;
    struct arena arena; /* of the names */
    struct worker *worker;
    struct worker_request request;
    bool sent;
};

struct inspect_queue {
    struct inspector *inspector;
    size_t processes;
    inspect_tell *tell;
    void *context;
    struct batch batches[MOST_BATCHES]; /* a ring of those under way, and the one being filled */
    size_t first, under_way;
    size_t next_worker;
};

struct inspect_queue *inspect_queue_new(struct inspector *inspector, unsigned processes,
                                        inspect_tell *tell, void *context)
{
    struct inspect_queue *queue = calloc(1, sizeof(*queue));
    if (queue == NULL) {
        bug("out of memory for a queue");
    }
    queue->inspector = inspector;
    queue->processes = processes < INSPECTOR_PROCESSES ? processes : INSPECTOR_PROCESSES;
    queue->tell = tell;
    queue->context = context;
    return queue;
}

static struct batch *batch_at(struct inspect_queue *queue, size_t index)
{
    return &queue->batches[(queue->first + index) % MOST_BATCHES];
}

static void batch_clear(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        close(batch->fds[i]);
    }
    arena_free(&batch->arena);
    *batch = (struct batch){0};
}

void inspect_queue_free(struct inspect_queue **queue)
{
    if (*queue != NULL) {
        for (size_t i = 0; i < MOST_BATCHES; i++) {
            batch_clear(&(*queue)->batches[i]);
        }
        free(*queue);
        *queue = NULL;
    }
}

static bool tell_record(struct inspect_queue *queue, const char *name,
                        struct inspect_record *record, struct arena *arena, struct error *err)
{
    if (!record->ok) {
        return queue->tell(queue->context, name, NULL, 0, &record->error, err);
    }
    inspector_name(record, name, arena);
    return queue->tell(queue->context, name, record->files, record->file_count, NULL, err);
}

/* The answer about all of BATCH; false if there is none that can be used. */
static bool receive(const struct batch *batch, struct arena *arena, struct inspect_record *ret,
                    struct error *err)
{
    AUTO(buffer) struct buffer answer = {0};
    if (!batch->sent || !worker_receive(batch->worker, &batch->request, &answer, err)) {
        return false;
    }
    if (!inspector_decode(buffer_view(&answer), batch->count, arena, ret, err)) {
        worker_distrust(batch->worker);
        return false;
    }
    return true;
}

/* One of BATCH's files ended the process, or was too much for the time or the answer that all may
 * take together: one by one it shows which, and the others are well. */
static bool ask_again(struct inspect_queue *queue, const struct batch *batch, struct error *err)
{
    bool told = true;
    worker_distrust(batch->worker);
    for (size_t i = 0; told && i < batch->count; i++) {
        struct arena arena = {0};
        struct inspect_record record = {0};
        record.ok =
            inspector_ask(batch->worker, batch->fds[i], false, &arena, &record, &record.error) &&
            record.ok;
        told = tell_record(queue, batch->names[i], &record, &arena, err);
        arena_free(&arena);
    }
    return told;
}

static void hand_over(struct batch *batch)
{
    batch->sent = worker_send(batch->worker, batch->fds, batch->count, &batch->request, NULL);
}

/* What else WORKER had to do when it ended, the first batch apart. */
static void send_again(struct inspect_queue *queue, const struct worker *worker)
{
    for (size_t i = 1; i < queue->under_way; i++) {
        if (batch_at(queue, i)->worker == worker) {
            hand_over(batch_at(queue, i));
        }
    }
}

static bool tell_batch(struct inspect_queue *queue, const struct batch *batch, struct error *err)
{
    struct inspect_record records[WORKER_FILES];
    struct arena arena = {0};
    struct error why = {0};
    bool told = receive(batch, &arena, records, &why);
    bool again = !told && why.code != ERROR_INTERRUPTED;
    if (!told && !again) {
        *err = why;
    }
    for (size_t i = 0; told && i < batch->count; i++) {
        told = tell_record(queue, batch->names[i], &records[i], &arena, err);
    }
    arena_free(&arena);
    if (again) {
        told = ask_again(queue, batch, err);
        send_again(queue, batch->worker);
    }
    return told;
}

static bool tell_first(struct inspect_queue *queue, struct error *err)
{
    struct batch *batch = batch_at(queue, 0);
    bool told = tell_batch(queue, batch, err);
    batch_clear(batch);
    queue->first = (queue->first + 1) % MOST_BATCHES;
    queue->under_way--;
    return told;
}

/* The next process in turn. More than the first are started only once there is work for them. */
static bool choose_worker(struct inspect_queue *queue, struct worker **ret, struct error *err)
{
    struct inspector *inspector = queue->inspector;
    size_t next = queue->next_worker;
    if (next >= inspector->worker_count && !inspector_start(inspector, err)) {
        return false;
    }
    *ret = inspector->workers[next];
    queue->next_worker = (next + 1) % queue->processes;
    return true;
}

/* Hands over the batch that was being filled. One that cannot be sent is asked for file by file
 * when its turn comes. */
static bool send_batch(struct inspect_queue *queue, struct error *err)
{
    struct batch *batch = batch_at(queue, queue->under_way);
    if (batch->count == 0) {
        return true;
    }
    if (!choose_worker(queue, &batch->worker, err)) {
        return false;
    }
    hand_over(batch);
    queue->under_way++;
    return queue->under_way < queue->processes * BATCHES_OF_PROCESS || tell_first(queue, err);
}

bool inspect_queue_finish(struct inspect_queue *queue, struct error *err)
{
    if (!send_batch(queue, err)) {
        return false;
    }
    inspector_sent(queue->inspector);
    while (queue->under_way > 0) {
        if (!tell_first(queue, err)) {
            return false;
        }
    }
    return true;
}

static bool is_full(const struct inspect_queue *queue, const struct batch *batch)
{
    return batch->count == WORKER_FILES ||
           (queue->inspector->what != 0 && batch->bytes >= BATCH_BYTES);
}

/* HEAD is the source of the first bytes of SOURCE, which live in BYTES. */
static bool read_head(const struct source *source, uint8_t bytes[HEAD_LEN], struct source *head)
{
    size_t len = source->size < HEAD_LEN ? (size_t)source->size : HEAD_LEN;
    if (!source_read(source, 0, bytes, len, NULL)) {
        return false;
    }
    *head = source_from_bytes(bytes_from(bytes, len));
    return image_detect(head) != IMAGE_UNKNOWN || fat_detect(head);
}

bool inspect_queue_add(struct inspect_queue *queue, int fd, const char *name, struct error *err)
{
    AUTO_FD int owned = fd;
    uint8_t bytes[HEAD_LEN];
    struct source source;
    struct source head;
    if (!source_from_fd(fd, &source, NULL) || !read_head(&source, bytes, &head)) {
        return true;
    }
    if (inspector_needs_libraries(queue->inspector, &head)) {
        if (!inspect_queue_finish(queue, err)) {
            return false;
        }
        inspector_want_libraries(queue->inspector);
    }
    struct batch *batch = batch_at(queue, queue->under_way);
    batch->fds[batch->count] = owned;
    batch->names[batch->count++] = arena_string(&batch->arena, name);
    batch->bytes += source.size;
    owned = -1;
    return !is_full(queue, batch) || send_batch(queue, err);
}
