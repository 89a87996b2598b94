// SPDX-License-Identifier: Apache-2.0
/* Frames between reproof and its helper: what one reads is what the other would write. */
#include <stdlib.h>

#include "verifier/fetch/transport_frames.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct bytes frame = bytes_from(data, len);
    struct frame_request request;
    struct frame_start start;
    struct frame_done done;
    struct bytes reason;
    struct buffer again;
    buffer_init(&again, FRAME_MAXIMUM);
    if (frame_read_request(frame, &request)) {
        frame_write_request(&request, &again);
    } else if (frame_read_start(frame, &start)) {
        frame_write_start(&start, &again);
    } else if (frame_read_done(frame, &done)) {
        frame_write_done(&done, &again);
    } else if (frame_read_failed(frame, &reason)) {
        frame_write_failed(reason, &again);
    }
    if (again.len > 0 && !(buffer_ok(&again) && bytes_equal(buffer_view(&again), frame))) {
        abort();
    }
    buffer_free(&again);
    return 0;
}
