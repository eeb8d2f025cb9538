#include "command_openapi.h"

#include "openapi.h"

#include <stdio.h>

int command_openapi(int argc, char **argv)
{
	struct buf b = { 0 };
	(void)argv;
	if (argc != 1) {
		fprintf(stderr, "usage: noonmark openapi\n");
		return 2;
	}
	openapi_write(&b, S("/"));
	bool written = fwrite(b.p, 1, b.n, stdout) == b.n && putchar('\n') != EOF && fflush(stdout) == 0;
	buf_free(&b);
	return written ? 0 : 1;
}
