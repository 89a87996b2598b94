// SPDX-License-Identifier: Apache-2.0
/* Whatever the strict grammar accepts, cJSON reads too, and writes again as something that the
 * grammar accepts. */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes text = bytes_from(data, len);
    struct error err;
    struct json_document *document = NULL;
    bool strict = json_check(text, &err);
    if (json_parse(text, &document, &err) != strict) {
        abort();
    }
    const char *end = NULL;
    cJSON *loose = cJSON_ParseWithLengthOpts((const char *)data, len, &end, 0);
    if (strict && loose == NULL) {
        abort();
    }
    if (strict) {
        char *written = cJSON_PrintUnformatted(json_root(document));
        if (written == NULL || !json_check(bytes_from_string(written), &err)) {
            abort();
        }
        cJSON_free(written);
    }
    cJSON_Delete(loose);
    json_document_free(&document);
    return 0;
}
