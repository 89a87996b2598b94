// SPDX-License-Identifier: Apache-2.0
/* Build tool: prints the bytes of the file that argv[1] names as a C array. */
#include <stdio.h>

int main(int count, char **arguments)
{
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL) {
        perror("embed-bytes");
        return 1;
    }
    printf("static const unsigned char embedded_bytes[] = {");
    int value;
    for (unsigned long position = 0; (value = fgetc(file)) != EOF; position++) {
        printf("%s%d,", position % 24 == 0 ? "\n" : "", value);
    }
    printf("\n};\n");
    fclose(file);
    return fflush(stdout) == 0 ? 0 : 1;
}
