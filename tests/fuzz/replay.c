// SPDX-License-Identifier: Apache-2.0
/* Runs a fuzz target over the files of the folders named, so that seeds and past crashes are
 * ordinary tests where there is no fuzzing engine. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static int replay_file(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 0;
    }
    size_t room = 64U << 20;
    unsigned char *content = malloc(room);
    size_t len = content == NULL ? 0 : fread(content, 1, room, file);
    fclose(file);
    /* An exact-size copy, so that a read past the end is seen. */
    unsigned char *exact = malloc(len == 0 ? 1 : len);
    for (size_t i = 0; i < len; i++) {
        exact[i] = content[i];
    }
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    free(content);
    return 1;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        struct dirent *entry;
        while (folder != NULL && (entry = readdir(folder)) != NULL) {
            if (entry->d_name[0] != '.') {
                count += replay_file(argv[i], entry->d_name);
            }
        }
        if (folder != NULL) {
            closedir(folder);
        }
    }
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 1;
}
