/* noonmark openapi - the OpenAPI document, without a server: for making clients. */
#ifndef API_COMMAND_OPENAPI_H
#define API_COMMAND_OPENAPI_H

/* command_openapi - argv: { "openapi" }.  The document on stdout.  Returns the exit status. */
int command_openapi(int argc, char **argv);
#endif
