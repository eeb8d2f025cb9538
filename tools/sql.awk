# A .sql file of statements, each after a line "-- name: x", becomes a C header: one constant per statement, and
# STATEMENTS(X), a macro that names them all.  Lines "-- public", "-- scan: why" and "-- engine: name" right under
# the name are the statement's marks; other comment lines are for readers of the .sql file.
function quoted(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return s }
function flush() {
	if (name != "") {
		printf "static const struct stmt %s = { .name = \"%s\", .marks = \"%s\", .sql =\n%s};\n\n", toupper(name), name, marks, body
		list = list " \\\n\tX(" toupper(name) ")"
	}
	name = body = marks = ""
}
BEGIN { print "/* Made from " FN "; edit that. */" }
/^-- name: / { flush(); name = $3; next }
/^-- (public|scan|engine)/ { marks = marks quoted(substr($0, 4)) ";"; next }
/^--/ || /^[ \t]*$/ { next }
name != "" { body = body "\t\"" quoted($0) "\\n\"\n" }
END { flush(); print "#define STATEMENTS(X)" list }
