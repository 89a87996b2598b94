// SPDX-License-Identifier: Apache-2.0
/* A build-time tool: writes a file's bytes as a C array.
 *
 *     embed INPUT NAME >OUTPUT */
#include <stdio.h>

int main(int argc, char **argv)
{
    FILE *input = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (input == NULL) {
        perror("embed");
        return 2;
    }
    printf("#include <stddef.h>\n#include <stdint.h>\n"
           "extern const uint8_t %s[];\nextern const size_t %s_len;\n"
           "const uint8_t %s[] = {\n",
           argv[2], argv[2], argv[2]);
    int byte;
    for (unsigned long i = 1; (byte = fgetc(input)) != EOF; i++) {
        printf("%d,%s", byte, i % 24 == 0 ? "\n" : "");
    }
    printf("};\nconst size_t %s_len = sizeof(%s);\n", argv[2], argv[2]);
    return ferror(input) || fclose(input) != 0 || fflush(stdout) != 0;
}
