# A .sql file of statements, each after a line "-- name: x", becomes a C header: one constant per statement, and
# STATEMENTS(X), a macro that names them all.  With -v ALL=1 any number of files become one array, ALL_STATEMENTS, for
# the test that checks them.  Right under the name stand the statement's marks, each with its reason:
#     -- public: who guards it     it touches private data without :actor
#     -- scan: why                 it reads a whole table or index
#     -- engine: postgresql        it is for that engine only
# Behind its text, "-- engine: postgresql" begins another one, which stands in for it on that engine.
# Other lines that begin with "--" are for readers of the .sql file.
function quoted(s) { gsub(/\\/, "&&", s); gsub(/"/, "\\\"", s); gsub(/\?/, "\\?", s); return s }
function fail(why) { failed = 1; print FILENAME ":" FNR ": " why > "/dev/stderr"; exit 1 }
function flush() {
	if (name != "" && body == "") fail("statement " name " is empty")
	if (name != "" && other && variant == "") fail("statement " name " has an empty text for PostgreSQL")
	if (variant != "") body = body "\t, .postgresql =\n" variant
	if (name != "" && ALL)
		printf "\t{ \"%s\", { .name = \"%s\", .marks = \"%s\", .sql =\n%s\t} },\n", file, name, marks, body
	if (name != "" && !ALL) {
		printf "static const struct stmt %s = { .name = \"%s\", .marks = \"%s\", .sql =\n%s};\n\n",
			toupper(name), name, marks, body
		list = list " \\\n\tX(" toupper(name) ")"
	}
	name = body = marks = variant = ""
	other = 0
}
BEGIN {
	print "/* Made by tools/sql.awk from .sql files; edit those. */"
	if (ALL) print "static const struct { const char *file; struct stmt stmt; } ALL_STATEMENTS[] = {"
}
/^-- name:/ {
	flush()
	name = $3
	file = FILENAME
	if (name !~ /^[a-z][a-z0-9_]*$/ || NF != 3) fail("a statement is named like booking_insert")
	if (name in seen) fail("statement " name " comes twice")
	seen[name] = 1
	next
}
/^-- engine: postgresql$/ && body != "" && !other { other = 1; next }
/^-- (public|scan|engine):/ {
	if (name == "" || body != "") fail("a mark stands right under the name of its statement")
	if (NF < 3) fail("a mark says why")
	mark = substr($0, 4)
	gsub(/;/, ",", mark)
	marks = marks quoted(mark) ";"
	next
}
/^--/ || /^[ \t]*$/ { next }
name == "" { fail("SQL before the first -- name:") }
other { variant = variant "\t\"" quoted($0) "\\n\"\n"; next }
{ body = body "\t\"" quoted($0) "\\n\"\n" }
END {
	if (failed) exit 1
	flush()
	if (failed) exit 1
	if (ALL) print "\t{ NULL, { NULL, NULL, NULL, NULL } }\n};"
	else print "#define STATEMENTS(X)" list
}
