/* serve - the server: opens everything in order, waits for the end, closes it in reverse. */
#ifndef API_SERVE_H
#define API_SERVE_H

/* serve - argv of `noonmark serve [--config FILE]`.  Returns the exit status. */
int serve(int argc, char **argv);
#endif
