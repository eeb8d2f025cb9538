/* template_program - a parsed template, for template.c and its parser only: its nodes in the order of the text, each
 * that holds others with the index behind its last one. */
#ifndef CORE_TEMPLATE_PROGRAM_H
#define CORE_TEMPLATE_PROGRAM_H
#include "template.h"

enum node_kind {
	NODE_TEXT,     /* text: as it is */
	NODE_SHOW,     /* {{text}} */
	NODE_RAW,      /* {{{text}}} */
	NODE_SECTION,  /* {{#text}} */
	NODE_INVERTED, /* {{^text}} */
	NODE_BLOCK,    /* {{$text}} */
	NODE_INCLUDE,  /* {{>text}} */
	NODE_PARENT,   /* {{<text}}: holds only blocks */
	NODE_SAY,      /* {{_ text}} */
	NODE_COUNT,    /* {{_ text name}} */
	NODE_CODE,     /* {{_ text$name}}: text ends in a dot */
};

struct program;
struct node {
	enum node_kind kind;
	bool link; /* SHOW that begins a link attribute */
	int line;
	int key;    /* SAY: its place in the languages */
	size_t end; /* SECTION, INVERTED, BLOCK, PARENT */
	str text, name;
	const struct program *target; /* INCLUDE, PARENT */
};

struct program {
	str name; /* with its ending */
	bool html;
	struct node *nodes;
	size_t n, cap;
	int height; /* includes below it, once linked; -1 while it is being linked */
};

struct template_set {
	struct program *programs;
	size_t n;
};

/* template_parse - one source into *out, its targets unlinked.  E_MALFORMED */
enum err template_parse(struct cx *, const struct source *, struct program *out);

/* template_context - whether each name of an HTML template stands where escaping makes it safe.  E_MALFORMED */
enum err template_context(struct cx *, struct program *);

/* template_wrong - the error of both: "name:line: why". */
enum err template_wrong(struct cx *, const struct program *, int line, const char *why, str what);
#endif
