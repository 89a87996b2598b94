// SPDX-License-Identifier: Apache-2.0
/* Runs a command N times, its output thrown away, and prints "SECONDS KIB": the median of its wall
 * time and the highest peak memory of any of its processes; with --self, of the command's own
 * process alone.
 *
 *     measure [--self] N COMMAND [ARGUMENT]...
 *
 * A program of its own because the kernel counts what a process was before exec into its peak: this
 * one is small. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_RUNS 100

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static _Noreturn void run(char **command)
{
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) {
        dup2(null, fd);
    }
    execvp(command[0], command);
    _exit(127);
}

/* The kernel's record of the peak of process PID so far. */
static long own_peak(pid_t pid)
{
    char path[64];
    char line[256];
    long peak = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *status = fopen(path, "r");
    while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            peak = strtol(line + 6, NULL, 10);
        }
    }
    if (status != NULL) {
        fclose(status);
    }
    return peak;
}

static double measure(char **command, bool alone, long *peak)
{
    double start = now();
    pid_t pid = fork();
    if (pid == 0) {
        run(command);
    }
    int status;
    struct rusage usage;
    while (wait4(pid, &status, alone ? WNOHANG : 0, &usage) == 0) {
        long seen = own_peak(pid);
        *peak = seen > *peak ? seen : *peak;
        usleep(10000);
    }
    if (!alone && usage.ru_maxrss > *peak) {
        *peak = usage.ru_maxrss;
    }
    return now() - start;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    bool alone = argc > 1 && strcmp(argv[1], "--self") == 0;
    argv += alone;
    argc -= alone;
    long runs = argc < 3 ? 0 : strtol(argv[1], NULL, 10);
    double times[MOST_RUNS];
    long peak = 0;
    if (runs < 1 || runs > MOST_RUNS) {
        fprintf(stderr, "measure [--self] N COMMAND [ARGUMENT]...\n");
        return 2;
    }
    for (long i = 0; i < runs; i++) {
        times[i] = measure(argv + 2, alone, &peak);
    }
    qsort(times, (size_t)runs, sizeof(*times), compare);
    printf("%.4f %ld\n", times[runs / 2], peak);
    return 0;
}
