/* noonmark copy, backup, restore - a whole database to another place. */
#ifndef API_COMMAND_STORE_H
#define API_COMMAND_STORE_H

/* command_copy - { "copy", "--from", PLACE, "--to", PLACE }: places as in store/place.h.  What was ended goes on when it
 * is called again.
 * command_backup - { "backup", FILE }: the configured database while a server goes on, into a new file of the embedded
 * kind, and the key of the data folder beside it, FILE.key.
 * command_restore - { "restore", FILE }: both into the configured database and folder, which must be empty.
 * The last two take --config FILE too.  They return the exit status: 0, 1 when it failed, 2 for wrong usage. */
int command_copy(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
#endif
