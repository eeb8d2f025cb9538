/* preload_wallclock - the system's time of day is set while a process runs, for LD_PRELOAD: nobody else's is.
 *
 * The file WALLCLOCK holds by how many seconds the time of day is off; it is read anew each time.  Whoever waits for a
 * time of day waits until that time has come by this clock, as the kernel would have it.  The monotonic clock stays. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

enum { MONOTONIC_MOST = 256, SLICE_NS = 20000000 };

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_cond_init)(pthread_cond_t *, const pthread_condattr_t *);
static int (*real_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_clockwait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);

/* Those that wait by the monotonic clock. */
static const pthread_cond_t *_Atomic monotonic[MONOTONIC_MOST];
static atomic_uint monotonic_n;

static long offset(void)
{
	const char *path = getenv("WALLCLOCK");
	FILE *file = path ? fopen(path, "re") : NULL;
	char text[32] = "";
	if (!file)
		return 0;
	size_t n = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	return n ? strtol(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	int code = real_clock_gettime(clock, out);
	if (!code && clock == CLOCK_REALTIME)
		out->tv_sec += offset();
	return code;
}

time_t time(time_t *out)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec t;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	*out = (struct timeval){ t.tv_sec, t.tv_nsec / 1000 };
	return 0;
}

int pthread_cond_init(pthread_cond_t *restrict condition, const pthread_condattr_t *restrict attributes)
{
	clockid_t clock = CLOCK_REALTIME;
	if (attributes)
		pthread_condattr_getclock(attributes, &clock);
	if (clock == CLOCK_MONOTONIC) {
		unsigned i = atomic_fetch_add(&monotonic_n, 1);
		if (i >= MONOTONIC_MOST)
			abort();
		monotonic[i] = condition;
	}
	return real_cond_init(condition, attributes);
}

static int is_monotonic(const pthread_cond_t *condition)
{
	for (unsigned i = 0; i < monotonic_n; i++)
		if (monotonic[i] == condition)
			return 1;
	return 0;
}

/* A wake-up between two slices is told as one: callers look again anyway. */
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
			   const struct timespec *restrict until)
{
	if (is_monotonic(condition))
		return real_timedwait(condition, mutex, until);
	for (;;) {
		struct timespec now, slice;
		clock_gettime(CLOCK_REALTIME, &now);
		if (now.tv_sec > until->tv_sec || (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec))
			return ETIMEDOUT;
		real_clock_gettime(CLOCK_MONOTONIC, &slice);
		slice.tv_nsec += SLICE_NS;
		slice.tv_sec += slice.tv_nsec / 1000000000;
		slice.tv_nsec %= 1000000000;
		if (real_clockwait(condition, mutex, CLOCK_MONOTONIC, &slice) != ETIMEDOUT)
			return 0;
	}
}

[[gnu::constructor]] static void start(void)
{
	/* dlsym gives objects; POSIX says that they are functions too */
	*(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	*(void **)&real_cond_init = dlvsym(RTLD_NEXT, "pthread_cond_init", "GLIBC_2.3.2");
	*(void **)&real_timedwait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
	*(void **)&real_clockwait = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
}
