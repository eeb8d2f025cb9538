/* noonmark slots - the engine on cases from a file. */
#ifndef API_COMMAND_SLOTS_H
#define API_COMMAND_SLOTS_H

/* command_slots - argv: { "slots", FILE or "-" }.  One line of answer on stdout for each line of FILE, in order:
 *     {"name": ..., "slots": ["2026-03-02T14:00:00Z", ...]}
 *     {"name": ..., "error": {"field": JSON pointer, "message": ...}}      name is null when it cannot be read
 * Returns the exit status: 0, 1 when a line was not a valid case or could not be written, 2 for wrong usage. */
int command_slots(int argc, char **argv);
#endif
