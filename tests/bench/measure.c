// SPDX-License-Identifier: Apache-2.0
/* Runs one command, or two in turns, N times each, their output thrown away, and prints a line:
 *
 *     SECONDS CPU KIB [SECONDS CPU KIB RATIO RATIO]
 *
 * The medians of wall time and of processor time (of the command and of all that it started, also
 * what it did not wait for, as the first process of a box), the highest peak memory of any one of
 * its processes; then the same of the other command, and the
 * medians of the N ratios of wall times and of processor times. Runs that follow each other see the
 * same load of the machine, so their ratio says more than that of two medians.
 *
 *     measure [--self] N COMMAND [ARGUMENT]... [against COMMAND [ARGUMENT]...]
 *
 * With --self the peak is that of the command's own process alone. A command that fails is an
 * error. A program of its own because the kernel counts what a process was before exec into its
 * peak: this one is small. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_RUNS 200

struct command {
    char **arguments;
    bool alone;
    double wall[MOST_RUNS], cpu[MOST_RUNS];
    long peak;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static _Noreturn void become(char **arguments)
{
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) {
        dup2(null, fd);
    }
    execvp(arguments[0], arguments);
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

static long larger(long a, long b)
{
    return a > b ? a : b;
}

static void add_usage(struct command *command, long index, const struct rusage *usage)
{
    command->cpu[index] += seconds(usage->ru_utime) + seconds(usage->ru_stime);
    if (!command->alone) {
        command->peak = larger(command->peak, usage->ru_maxrss);
    }
}

static void run(struct command *command, long index)
{
    double start = now();
    pid_t pid = fork();
    if (pid == 0) {
        become(command->arguments);
    }
    int status;
    struct rusage usage;
    while (wait4(pid, &status, command->alone ? WNOHANG : 0, &usage) == 0) {
        command->peak = larger(command->peak, own_peak(pid));
        usleep(10000);
    }
    command->wall[index] = now() - start;
    add_usage(command, index, &usage);
    while (wait4(-1, NULL, 0, &usage) > 0) {
        add_usage(command, index, &usage);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "measure: %s ended with status 0x%x\n", command->arguments[0], status);
        exit(1);
    }
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, long count)
{
    qsort(values, (size_t)count, sizeof(*values), compare);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void print(struct command *command, long runs)
{
    printf("%.5f %.5f %ld", median(command->wall, runs), median(command->cpu, runs), command->peak);
}

/* Cuts ARGUMENTS off at the word between the commands; the second one, or NULL. */
static char **split(char **arguments)
{
    for (; *arguments != NULL; arguments++) {
        if (strcmp(*arguments, "against") == 0) {
            *arguments = NULL;
            return arguments + 1;
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static struct command ours, theirs;
    bool alone = argc > 1 && strcmp(argv[1], "--self") == 0;
    argv += alone;
    argc -= alone;
    long runs = argc < 3 ? 0 : strtol(argv[1], NULL, 10);
    if (runs < 1 || runs > MOST_RUNS) {
        fprintf(stderr, "measure [--self] N COMMAND... [against COMMAND...]\n");
        return 2;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    ours = (struct command){.arguments = argv + 2, .alone = alone};
    theirs = (struct command){.arguments = split(argv + 2)};
    double wall[MOST_RUNS], cpu[MOST_RUNS];
    for (long i = 0; i < runs; i++) {
        run(&ours, i);
        if (theirs.arguments != NULL) {
            run(&theirs, i);
            wall[i] = ours.wall[i] / theirs.wall[i];
            cpu[i] = ours.cpu[i] / theirs.cpu[i];
        }
    }
    print(&ours, runs);
    if (theirs.arguments != NULL) {
        putchar(' ');
        print(&theirs, runs);
        printf(" %.3f %.3f", median(wall, runs), median(cpu, runs));
    }
    putchar('\n');
    return 0;
}
