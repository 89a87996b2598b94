/* A parsed value written again: for documents that carry a part of another. */
#pragma once

#include "base/json_read.h"
#include "base/json_write.h"

/* VALUE as the value of KEY (NULL inside an array). Numbers stay as the document writes them. */
void json_copy(struct json_writer *json, const char *key, const struct cJSON *value);
