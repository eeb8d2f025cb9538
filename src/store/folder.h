/* folder - the data folder and the files in it: made durable, and private to their owner. */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H
#include "base/fault.h"

/* folder_take - make it where it is not there (mode 0700), and lock it for this process: *lock, to be closed.
 *   E_CONFLICT  another process has it     E_UNAVAILABLE, E_STORAGE_FULL  the fault says why */
enum err folder_take(struct cx *, const char *folder, int *lock);

/* folder_sync - a new name in it is durable.  folder_of - of a file's path. */
enum err folder_sync(struct cx *, const char *folder);
str folder_of(str path);

/* file_make - an empty file with mode 0600, unless it is there. */
enum err file_make(struct cx *, const char *path);

/* file_build - a new file that is complete or absent: `fill` writes it as path.part, with the mode 0600, and then it gets its
 * name.  What a process that was ended left there is begun anew; so are SQLite's files beside it.
 *   E_CONFLICT  the file exists, or another process is making it */
enum err file_build(struct cx *, const char *path, enum err (*fill)(struct cx *, const char *part, void *),
		    void *arg);

/* file_failed - what errno says of a file: E_STORAGE_FULL or E_UNAVAILABLE. */
enum err file_failed(struct cx *, const char *what, const char *path);
#endif
