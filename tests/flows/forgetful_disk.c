/* A disk that forgets what was not brought to it: loaded with LD_PRELOAD, see power_cuts.py.

   Below a folder named `cut-disk`, fsync and fdatasync note what is safe from then on, in the folder
   `cut-shadow` beside it: the content of a file (i/INODE) and the names in a folder (d/INODE, a line
   "INODE TYPE NAME" each). Nothing else is noted, so a rename or a write that was not followed by
   one of these is forgotten at a cut. As on ext4, xfs and btrfs, bringing a new file to the disk
   brings its name and the folders above it too, where no other name was noted for it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

/* Return where the path goes on behind `cut-disk`, NULL where it lies elsewhere; the shadow's
   folder is written to `shadow`. */
static char *find_disk(const char *path, char *shadow, size_t size) {
    char *at = strstr(path, "/cut-disk/");
    if (!at) {
        size_t n = strlen(path);
        if (n < 9 || strcmp(path + n - 9, "/cut-disk")) return NULL;
        at = (char *)path + n - 9;
    }
    snprintf(shadow, size, "%.*s/cut-shadow", (int)(at - path), path);
    struct stat found;
    return stat(shadow, &found) ? NULL : at + 9;
}

static void save_file(int fd, const char *shadow, unsigned long inode) {
    char name[4096], partial[4096 + 32], buffer[1 << 16];
    snprintf(name, sizeof name, "%s/i/%lu", shadow, inode);
    snprintf(partial, sizeof partial, "%s.%d.tmp", name, (int)getpid());
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int from = open(self, O_RDONLY), to = open(partial, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n;
    off_t at = 0;
    while (from >= 0 && to >= 0 && (n = pread(from, buffer, sizeof buffer, at)) > 0) {
        if (write(to, buffer, n) != n) abort();
        at += n;
    }
    if (from < 0 || to < 0) abort();
    close(from);
    close(to);
    if (rename(partial, name)) abort();
}

static void save_folder(const char *path, const char *shadow, unsigned long inode) {
    char name[4096], partial[4096 + 32];
    snprintf(name, sizeof name, "%s/d/%lu", shadow, inode);
    snprintf(partial, sizeof partial, "%s.%d.tmp", name, (int)getpid());
    DIR *folder = opendir(path);
    FILE *file = fopen(partial, "w");
    if (!folder || !file) abort();
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        fprintf(file, "%lu %d %s\n", (unsigned long)entry->d_ino, entry->d_type, entry->d_name);
    }
    closedir(folder);
    fclose(file);
    if (rename(partial, name)) abort();
}

/* Note the name of an inode in its folder, and that of the folder in the one above, up to the disk. */
static void save_names(char *path, const char *shadow, unsigned long inode, int type) {
    for (;;) {
        char *slash = strrchr(path, '/');
        if (!slash || !strcmp(slash, "/cut-disk")) return;
        char base[1024];
        snprintf(base, sizeof base, "%s", slash + 1);
        *slash = 0;
        struct stat above;
        if (stat(path, &above)) return;
        char name[4096], partial[4096 + 32], line[2048], wanted[2048];
        snprintf(name, sizeof name, "%s/d/%lu", shadow, (unsigned long)above.st_ino);
        snprintf(partial, sizeof partial, "%s.%d.tmp", name, (int)getpid());
        snprintf(wanted, sizeof wanted, "%lu %d %s\n", inode, type, base);
        FILE *old = fopen(name, "r"), *new = fopen(partial, "w");
        int is_known = 0;
        if (!new) abort();
        while (old && fgets(line, sizeof line, old)) {
            unsigned long number;
            int kind, begin = 0;
            sscanf(line, "%lu %d %n", &number, &kind, &begin);
            size_t n = strlen(line + begin);
            int is_same_name = n == strlen(base) + 1 && !strncmp(line + begin, base, n - 1);
            if (number == inode) is_known = 1; /* by this name or an older one: renames wait */
            if (number == inode || !is_same_name) fputs(line, new);
        }
        if (!is_known) fputs(wanted, new);
        if (old) fclose(old);
        fclose(new);
        if (rename(partial, name)) abort();
        inode = above.st_ino;
        type = DT_DIR;
    }
}

static void note(int fd) {
    char self[64], path[4096], shadow[4096];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(self, path, sizeof path - 1);
    if (n <= 0) return;
    path[n] = 0;
    struct stat found;
    if (!find_disk(path, shadow, sizeof shadow) || fstat(fd, &found)) return;
    pthread_mutex_lock(&turn);
    if (S_ISDIR(found.st_mode)) {
        save_folder(path, shadow, found.st_ino);
        save_names(path, shadow, found.st_ino, DT_DIR);
    } else {
        save_file(fd, shadow, found.st_ino);
        if (found.st_nlink) save_names(path, shadow, found.st_ino, DT_REG);
    }
    pthread_mutex_unlock(&turn);
}

int fsync(int fd) {
    if (!real_fsync) real_fsync = dlsym(RTLD_NEXT, "fsync");
    int done = real_fsync(fd);
    if (!done) note(fd);
    return done;
}

int fdatasync(int fd) {
    if (!real_fdatasync) real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    int done = real_fdatasync(fd);
    if (!done) note(fd);
    return done;
}
