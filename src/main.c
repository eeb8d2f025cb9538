/* noonmark - one program: the server and the command line. */
#include "api/command_openapi.h"
#include "api/command_slots.h"
#include "api/command_store.h"
#include "api/serve.h"

#include <stdio.h>
#include <string.h>

static int help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("Noonmark: scheduling on your own machine\n\n"
	     "  noonmark serve [--config FILE]   the server; docs/operate.md lists the settings\n"
	     "  noonmark backup FILE             the database into a file while the server goes on\n"
	     "  noonmark restore FILE            and back, into an empty place\n"
	     "  noonmark copy --from A --to B    between the embedded database and PostgreSQL; docs/operate.md\n"
	     "  noonmark slots FILE|-            slots of cases, a JSON object a line; docs/semantics.md\n"
	     "  noonmark openapi                 the OpenAPI document of the HTTP API\n"
	     "  noonmark help                    this");
	return 0;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} COMMANDS[] = {
	{ "serve", serve },
	{ "slots", command_slots },
	{ "openapi", command_openapi },
	{ "backup", command_backup },
	{ "restore", command_restore },
	{ "copy", command_copy },
	{ "help", help },
	{ "--help", help },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof COMMANDS / sizeof *COMMANDS; i++)
		if (strcmp(argv[1], COMMANDS[i].name) == 0)
			return COMMANDS[i].run(argc - 1, argv + 1);
	fprintf(stderr, "noonmark: %s; see `noonmark help`\n",
		argc > 1 ? "there is no such command" : "a command is missing");
	return 2;
}
