// SPDX-License-Identifier: Apache-2.0
/* Distributions keep a Go in two trees: /usr/lib/go-1.19 has links into /usr/share/go-1.19. In the
 * box such a link leads to where it says, so what it means on the host is mounted there. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/sandbox/build_internal.h"

/* TARGET, the text of a link in DIRECTORY, as an absolute path without "." and "..". */
static const char *resolve_link(struct arena *arena, const char *directory, const char *target)
{
    const char *whole = target[0] == '/' ? target : arena_printf(arena, "%s/%s", directory, target);
    char *clean = arena_alloc(arena, strlen(whole) + 2);
    size_t len = 0;
    for (const char *at = whole; *at != '\0';) {
        size_t part = strcspn(at, "/");
        if (part == 2 && strncmp(at, "..", 2) == 0) {
            while (len > 0 && clean[--len] != '/') {
            }
        } else if (part > 0 && !(part == 1 && *at == '.')) {
            clean[len++] = '/';
            memcpy(clean + len, at, part);
            len += part;
        }
        at += part + (at[part] == '/');
    }
    return arena_text(arena, bytes_from(clean, len));
}

static bool is_within(const char *path, const char *above)
{
    size_t len = strlen(above);
    return strncmp(path, above, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static void follow_link(struct build_box *box, const char *host, const char *place,
                        const char *name)
{
    char target[LIMIT_PATH];
    const char *link = arena_printf(&box->arena, "%s/%s", host, name);
    ssize_t len = readlink(link, target, sizeof(target) - 1);
    char *real = len <= 0 ? NULL : realpath(link, NULL);
    if (real != NULL) {
        target[len] = '\0';
        const char *there = resolve_link(&box->arena, place, target);
        if (!is_within(there, box->layout.goroot)) {
            build_add_mount(box, arena_string(&box->arena, real), there, false);
        }
    }
    free(real);
}

/* The links of the directory HOST, which is PLACE in the box, and of those right below it. */
static bool follow_links(struct build_box *box, const char *host, const char *place, unsigned depth,
                         struct error *err)
{
    AUTO_FD int dir = -1;
    char **names;
    size_t count;
    if (!directory_open(host, &dir, err) ||
        !directory_list(dir, &box->arena, &names, &count, err)) {
        return error_prefix(err, "%s", host);
    }
    for (size_t i = 0; i < count; i++) {
        struct stat info;
        if (fstatat(dir, names[i], &info, AT_SYMLINK_NOFOLLOW) != 0) {
            return error_errno(err, "%s/%s", host, names[i]);
        }
        if (S_ISLNK(info.st_mode)) {
            follow_link(box, host, place, names[i]);
        } else if (S_ISDIR(info.st_mode) && depth > 0 &&
                   !follow_links(box, arena_printf(&box->arena, "%s/%s", host, names[i]),
                                 arena_printf(&box->arena, "%s/%s", place, names[i]), depth - 1,
                                 err)) {
            return false;
        }
    }
    return true;
}

bool build_add_toolchain(struct build_box *box, const char *toolchain, struct error *err)
{
    build_add_mount(box, toolchain, box->layout.goroot, false);
    /* One that was fetched and proven has no links. */
    return box->recipe->toolchain_directory[0] == '\0' ||
           follow_links(box, toolchain, box->layout.goroot, 1, err);
}
